import { Effect, Schema } from "effect"
import { Task } from "../model/Model.ts"
import { ModelSource } from "../model/ModelSource.ts"
import { Amount, listOf } from "./Amounts.ts"
import { Trials, Warmup } from "./Repetition.ts"
import { ScenarioLadder } from "./Scenario.ts"

const Milliseconds = Schema.Finite.check(Schema.isGreaterThan(0))
const orDefault = <A>(value: A) => Effect.succeed(value)

/** How often a cell is repeated, and how long it may take. */
export const Protocol = Schema.Struct({
  /** Trials before those that count. */
  warmup: Warmup.pipe(Schema.withDecodingDefaultKey(orDefault(3))),
  trials: Trials.pipe(Schema.withDecodingDefaultKey(orDefault(10))),
  /** Longest wait for the engine to become ready. */
  openTimeoutMs: Milliseconds.pipe(Schema.withDecodingDefaultKey(orDefault(600_000))),
  /** Longest wait for one complete request. A long prompt adds 50 ms for each token above 2,400. */
  requestTimeoutMs: Milliseconds.pipe(Schema.withDecodingDefaultKey(orDefault(300_000))),
  /** Longest silence within a request, the wait for the first token included. A long prompt adds as much to that wait. */
  stallTimeoutMs: Milliseconds.pipe(Schema.withDecodingDefaultKey(orDefault(120_000))),
  /** Longest wait for the first token, if it should differ from other silences. */
  firstTokenTimeoutMs: Schema.optionalKey(Milliseconds),
}).annotate({ identifier: "Protocol" })
export type Protocol = typeof Protocol.Type

const DeviceName = Schema.NonEmptyString.annotate({
  description: "cpu, cuda:<index>, a GPU's UUID, or a device that a backend's options add",
})

/**
 * Where a model is placed: `auto`, a device (`cpu`, `cuda:0`, a GPU's UUID), or a backend's strategy and its devices.
 */
export const PlacementRequest = Schema.Union([
  DeviceName,
  Schema.Struct({
    /** One of the backend's. */
    strategy: Schema.NonEmptyString,
    devices: listOf(DeviceName),
    /** Shares by device, in the same order. */
    split: Schema.optionalKey(listOf(Schema.Finite.check(Schema.isGreaterThan(0)))),
    /** Processes that the model is spread over or copied to, if the devices don't determine it: on the cpu. */
    degree: Schema.optionalKey(Amount.check(Schema.isGreaterThanOrEqualTo(2))),
  }),
]).annotate({
  identifier: "PlacementRequest",
  description: "auto, a device's name, or a strategy of the backend with its devices and their shares",
})
export type PlacementRequest = typeof PlacementRequest.Type

/** For a model that is not available yet: it is planned, and run only if it is named. */
export const Planned = Schema.Struct({
  priority: Schema.Literals(["high", "normal", "low"]).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("normal" as const)),
  ),
  /** The model's intended use. */
  use: Schema.NonEmptyString,
  /** How it should be run, for people. */
  strategy: Schema.optionalKey(Schema.NonEmptyString),
  /** A file of benchmarks/configs/hosts, without its ending: the machine that the registry estimates memory for. */
  host: Schema.optionalKey(Schema.NonEmptyString),
}).annotate({ identifier: "Planned" })
export type Planned = typeof Planned.Type

/** One file of models/configs: one model, the backends it runs on, and what is measured. */
export const ModelConfig = Schema.Struct({
  /** For people. */
  name: Schema.NonEmptyString,
  /** Configs of one family are one model in several quantizations: the registry shows them side by side. */
  family: Schema.optionalKey(Schema.NonEmptyString),
  task: Task,
  license: Schema.optionalKey(Schema.NonEmptyString),
  planned: Schema.optionalKey(Planned),
  /** Hosts that it is measured on, by the names of `rigbook host add`; `local` is this machine. Default: this machine. */
  hosts: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString)),
  /** Default: the server that a backend names has the model, and reports what it is. */
  source: ModelSource.pipe(Schema.withDecodingDefaultKey(orDefault({ served: true }))),
  /** By backend id; each backend checks its own options. */
  backends: Schema.Record(Schema.String, Schema.Unknown),
  placement: Schema.Union([PlacementRequest, listOf(PlacementRequest)]).pipe(
    Schema.withDecodingDefaultKey(orDefault("auto")),
  ),
  scenarios: listOf(ScenarioLadder),
  protocol: Protocol.pipe(Schema.withDecodingDefaultKey(orDefault({}))),
}).annotate({ identifier: "ModelConfig" })
export type ModelConfig = typeof ModelConfig.Type
