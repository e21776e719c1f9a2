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
})

export type ObservedDevice = typeof ObservedDevice.Type

/** How well the placement is proven, and by what. */
export const PlacementProof = Schema.Struct({
  /** `verified`: the engine and something outside of it agree. `partial`: only one of them reports it. */
  state: Schema.Literals(["verified", "partial", "unverified", "contradicted"]),
  evidence: Schema.Array(Schema.Struct({ from: Schema.NonEmptyString, agrees: Schema.Boolean, detail: Schema.String })),
})

export type PlacementProof = typeof PlacementProof.Type
