import { Schema } from "effect"
import { PlacementRequest } from "../scenario/ModelConfig.ts"
import { CellSpec } from "./RunRecord.ts"

/** One cell to run, up to a number of trials. Plain data: a file that can be sent over ssh or put in a job. */
export const CellOrder = Schema.Struct({
  schema: Schema.Literal(1),
  /** The cell, as planned where the order was made. */
  spec: CellSpec,
  /** The placement that the config requests. */
  requested: PlacementRequest,
  /**
   * `same`: exactly this cell, so host, runtime, devices and placement must be those of `spec`. `own`: config, scenario,
   * protocol, prompts and model are those of `spec`; host, runtime and placement are those of the machine that runs it.
   */
  identity: Schema.Literals(["same", "own"]),
  /** The maximum number of measured trials: a cell that needs more is left to be resumed. */
  until: Schema.Int.check(Schema.isGreaterThan(0)),
  /** Measure from the start. Otherwise a current record is reused and an interrupted run is resumed. */
  fresh: Schema.Boolean,
  /** Id of the interrupted run to resume, if it must be that one. */
  resume: Schema.optionalKey(Schema.NonEmptyString),
}).annotate({ identifier: "CellOrder" })
export type CellOrder = typeof CellOrder.Type
