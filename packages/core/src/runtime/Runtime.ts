import { Schema as S } from "effect"
import { DeviceId } from "../host/Host.ts"
import { Loading } from "./Loading.ts"

/** The program behind a backend, as it reports itself. */
export class Runtime extends S.Class<Runtime>("rigbook/Runtime")({
  /** Such as `llama-server` or `sentence-transformers`. */
  program: S.NonEmptyString,
  version: S.NonEmptyString,
  /**
   * Where it came from: `named` in the config, found on `path`, installed by `setup`, `unknown` if none was found, or
   * what its backend calls it, such as `bundled` or `container`.
   */
  origin: S.NonEmptyString,
  path: S.NonEmptyString,
  /** Versions of what it runs on, such as `{ torch: "2.13.0+cpu" }`. */
  libraries: S.Record(S.String, S.String),
}) {}

/** Memory that the engine reports, on the device it names. */
export const EngineBuffer = S.Struct({ device: S.NonEmptyString, kind: S.NonEmptyString, bytes: S.Finite })

export type EngineBuffer = typeof EngineBuffer.Type

/** What is effective, read back from the engine: never an echo of the request. */
export class Effective extends S.Class<Effective>("rigbook/Effective")({
  /** Devices that hold weights. Empty if the engine does not report it. */
  devices: S.Array(DeviceId),
  /** By the names of the backend's options, so that the two can be compared; other findings beside them. */
  settings: S.Record(S.String, S.Union([S.String, S.Finite, S.Boolean])),
  buffers: S.Array(EngineBuffer),
  /** How the model's files were loaded, if the library reports it. */
  loading: S.optionalKey(Loading),
}) {}
