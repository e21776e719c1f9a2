import { Schema } from "effect"
import { DeviceId } from "../host/Host.ts"

/** One named part of the memory that a model needs, with the basis of the figure. */
export const DemandPart = Schema.Struct({
  /** `weights`, `embedding`, `KV cache`, `compute`, `runtime overhead`, `margin`, or a backend's own name. */
  name: Schema.NonEmptyString,
  bytes: Schema.Int,
  /**
   * `exact`: from the model's files or the engine's own tool. `formula`: by the engine's rule. `learned`: observed in
   * earlier records. `heuristic`: a rule of thumb.
   */
  basis: Schema.Literals(["exact", "formula", "learned", "heuristic"]),
  /** How the bytes were computed, for people to check. */
  formula: Schema.NonEmptyString,
  /** The kind of the engine's buffers (`Effective.buffers`) that hold it, if the engine reports them. */
  buffer: Schema.optionalKey(Schema.NonEmptyString),
  /** Sentences for people: assumptions, or where two estimates disagree. */
  notes: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  /**
   * These bytes, or as many pages of files, can be dropped when memory is short: a plan does not refuse a placement
   * because of them.
   */
  droppable: Schema.optionalKey(Schema.Boolean),
  /** How many records it was learned from. */
  records: Schema.optionalKey(Schema.Int),
}).annotate({ identifier: "DemandPart" })
export type DemandPart = typeof DemandPart.Type

/** The memory, in bytes, that a model needs to run a scenario, wherever it is. */
export class Demand extends Schema.Class<Demand>("rigbook/Demand")({ parts: Schema.Array(DemandPart) }) {
  get totalBytes(): number {
    return bytesOf(this.parts)
  }
}

/** What one device of a placement, or the host memory beside it, has to hold. */
export const DeviceDemand = Schema.Struct({ device: DeviceId, parts: Schema.Array(DemandPart) }).annotate({
  identifier: "DeviceDemand",
})
export type DeviceDemand = typeof DeviceDemand.Type

/** What the engine's own tool says that the devices of a placement need, or why it does not. */
export type ReportedDemand =
  | {
      /** The tool with its version, such as `llama-fit-params 0.7.0 (build 11669)`. */
      readonly by: string
      readonly demand: ReadonlyArray<DeviceDemand>
    }
  | { readonly absent: string }
  /** This engine can't use these devices: why, and what to do. */
  | { readonly refused: string }

/** The sum of parts, in bytes. */
export const bytesOf = (parts: ReadonlyArray<Pick<DemandPart, "bytes">>): number =>
  parts.reduce((sum, { bytes }) => sum + bytes, 0)

/** What has to be there: the sum without pages that can be dropped. */
export const neededBytes = (parts: ReadonlyArray<Pick<DemandPart, "bytes" | "droppable">>): number =>
  bytesOf(parts.filter(({ droppable }) => droppable !== true))
