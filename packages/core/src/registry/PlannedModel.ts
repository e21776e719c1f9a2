import { Schema } from "effect"
import { Measured } from "../Measured.ts"
import { Task } from "../model/Model.ts"
import { DeviceDemand } from "../placement/Demand.ts"
import { Placement, Refusal } from "../placement/Placement.ts"
import { Planned } from "../scenario/ModelConfig.ts"

/** The estimated needs of a model with one backend, on a host that is only described. Never a measured figure. */
export const PlannedEstimate = Schema.Struct({
  backend: Schema.NonEmptyString,
  /** The one that needs most memory. */
  scenario: Schema.NonEmptyString,
  quantization: Schema.NonEmptyString,
  parameters: Schema.Int,
  bitsPerWeight: Schema.Finite,
  /** The best; left out if none is possible. */
  placement: Schema.optionalKey(Placement),
  /** Why other strategies are not possible. */
  refused: Schema.Array(Refusal),
  devices: Schema.Array(
    Schema.Struct({
      ...DeviceDemand.fields,
      name: Schema.NonEmptyString,
      bytes: Schema.Int,
      /** Left out if unknown. */
      freeBytes: Schema.optionalKey(Schema.Int),
    }),
  ),
  /** Of all parts, wherever they are. */
  bytes: Schema.Int,
  /** Tokens that fit in that placement. */
  longestContext: Measured,
}).annotate({ identifier: "PlannedEstimate" })
export type PlannedEstimate = typeof PlannedEstimate.Type

/** A model that a config plans for and that has no record yet. */
export const PlannedModel = Schema.Struct({
  status: Schema.Literal("planned"),
  /** The config's id. */
  id: Schema.NonEmptyString,
  name: Schema.NonEmptyString,
  /** Of the config, relative to the root of the workspace. */
  path: Schema.NonEmptyString,
  task: Task,
  license: Schema.optionalKey(Schema.NonEmptyString),
  priority: Planned.fields.priority.to,
  use: Planned.fields.use,
  strategy: Planned.fields.strategy,
  host: Planned.fields.host,
  estimates: Schema.Union([Schema.Array(PlannedEstimate), Schema.Struct({ absent: Schema.NonEmptyString })]),
}).annotate({ identifier: "PlannedModel" })
export type PlannedModel = typeof PlannedModel.Type
