import { Schema } from "effect"
import { DeviceId } from "../host/Host.ts"
import { Measured } from "../Measured.ts"
import { DemandPart } from "../placement/Demand.ts"

/** What was estimated of a device's memory before a run, and what was found in it. */
export const Estimate = Schema.Struct({
  device: DeviceId,
  /** Names of the parts that lie in one kind of the engine's buffers, of the one part that lies in none, or `all, by …`. */
  parts: Schema.Array(Schema.NonEmptyString),
  bytes: Schema.Int,
  /** The weakest basis of the parts. */
  basis: DemandPart.fields.basis,
  /** In bytes: what the engine says that it holds, or for all of a device what was seen in use. */
  found: Measured,
  /** By how much the estimate is off, as a share of what was found; positive where it is too high. */
  error: Measured,
}).annotate({ identifier: "Estimate" })

export type Estimate = typeof Estimate.Type
