import { Schema } from "effect"
import { DeviceId } from "../host/Host.ts"
import { Measured } from "../Measured.ts"

/** What was observed of a GPU from outside the engine, over the measured trials. */
export const ObservedDevice = Schema.Struct({
  device: DeviceId,
  /** Whether the driver lists a process of the engine on it; `untold` if it lists none that could be recognized. */
  engine: Schema.Literals(["here", "not here", "untold"]),
  /** Largest memory of the engine's processes there, as the driver lists it, in bytes. */
  processBytes: Measured,
  /** Largest memory in use minus that before the engine started, in bytes. */
  usedDeltaBytes: Measured,
  /** Largest utilization, 0 to 1. */
  utilization: Measured,
  /** The largest before the engine started, 0 to 1. */
  idleUtilization: Schema.optionalKey(Schema.Finite),
  /** The driver lists processes there that are not the engine's. */
  others: Schema.optionalKey(Schema.Boolean),
})

export type ObservedDevice = typeof ObservedDevice.Type

/** How well the placement is proven, and by what. */
export const PlacementProof = Schema.Struct({
  /**
   * `verified`: the engine and, for each device, a witness independent of it agree. `partial`: witnesses agree, the engine
   * does not report its devices. `unverified`: a witness is missing. `contradicted`: evidence speaks against the placement.
   */
  state: Schema.Literals(["verified", "partial", "unverified", "contradicted"]),
  /** What agrees or disagrees; nothing that could only have agreed. */
  evidence: Schema.Array(Schema.Struct({ from: Schema.NonEmptyString, agrees: Schema.Boolean, detail: Schema.String })),
  /** What would have proven it, and why that could not be had; left out where nothing is missing. */
  missing: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
})

export type PlacementProof = typeof PlacementProof.Type
