import { Schema } from "effect"
import { PlacementRequest } from "../scenario/ModelConfig.ts"
import { CellSpec } from "./RunRecord.ts"

/** One cell to be run, up to so many trials. Plain data: a file, sent over ssh or put in a job. */
export const CellOrder = Schema.Struct({
  schema: Schema.Literal(1),
  /** The cell as it was planned by whoever orders it. */
  spec: CellSpec,
  /** Where the config asks for it to be put. */
  requested: PlacementRequest,
  /**
   * `same`: this cell and no other, so host, runtime, devices and placement have to be those of `spec`. `own`: config,
   * scenario, protocol, prompts, model and requested placement are those of `spec`, all else is that of the machine it is run on.
   */
  identity: Schema.Literals(["same", "own"]),
  /** Measured trials that there are to be in the end, at most: a cell that would take more is left to be resumed. */
  until: Schema.Int.check(Schema.isGreaterThan(0)),
  /** Begin anew. Otherwise a record that holds is kept, and a run that was cut is resumed. */
  fresh: Schema.Boolean,
  /** Id of the run to resume, where it is to be that and no other. */
  resume: Schema.optionalKey(Schema.NonEmptyString),
}).annotate({ identifier: "CellOrder" })
export type CellOrder = typeof CellOrder.Type
