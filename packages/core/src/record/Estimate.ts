import { Schema } from "effect"
import { DeviceId } from "../host/Host.ts"
import { Measured } from "../Measured.ts"
import { DemandPart } from "../placement/Demand.ts"

/** A device's memory as estimated before a run, and as observed. */
export const Estimate = Schema.Struct({
  device: DeviceId,
  /** Names of the parts in one kind of the engine's buffers, of the one part in none, or `all, by …`. */
  parts: Schema.Array(Schema.NonEmptyString),
  bytes: Schema.Int,
  /** The weakest basis of the parts. */
  basis: DemandPart.fields.basis,
  /** In bytes: what the engine reports, or for a complete device what was observed in use. */
  found: Measured,
  /** The error of the estimate, as a share of what was observed; positive if it is too high. */
  error: Measured,
}).annotate({ identifier: "Estimate" })

export type Estimate = typeof Estimate.Type
