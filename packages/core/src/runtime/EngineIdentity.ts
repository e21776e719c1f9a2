import { Schema } from "effect"

const Facts = Schema.Record(Schema.String, Schema.String)

/** What tells one engine from another that answers at the same address, as it reports it at one time. */
export const EngineIdentity = Schema.Struct({
  /** What stays for as long as a cell is measured, by name: version, model. */
  program: Facts,
  /** What stays from the engine's opening to its end: process, start time. */
  process: Facts,
  /** Why a part of it is not known, where one is not. */
  absent: Schema.optionalKey(Schema.NonEmptyString),
}).annotate({ identifier: "EngineIdentity" })
export type EngineIdentity = typeof EngineIdentity.Type
