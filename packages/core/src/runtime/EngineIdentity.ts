import { Schema } from "effect"

const Facts = Schema.Record(Schema.String, Schema.String)

/** What distinguishes engines that answer at the same address, as the engine reports it at one time. */
export const EngineIdentity = Schema.Struct({
  /** What must stay the same while a cell is measured, by name: version, model. */
  program: Facts,
  /** What must stay the same from the engine's opening to its end: process, start time. */
  process: Facts,
  /** Why a part of it is unknown, if one is. */
  absent: Schema.optionalKey(Schema.NonEmptyString),
}).annotate({ identifier: "EngineIdentity" })
export type EngineIdentity = typeof EngineIdentity.Type
