import { Schema } from "effect"
import { Host } from "../host/Host.ts"
import { Runtime } from "../runtime/Runtime.ts"

/** What a machine reports of itself to plans that are made elsewhere. */
export const HostFacts = Schema.Struct({
  /** Version of the Rigbook that runs there. */
  rigbook: Schema.NonEmptyString,
  /** The machine, as it captures itself: never as it was described. */
  host: Host,
  /** Engines by the id of their backend: the installed one, or why there is none and what to do. */
  engines: Schema.Record(
    Schema.String,
    Schema.Union([Schema.Struct({ runtime: Runtime }), Schema.Struct({ absent: Schema.NonEmptyString })]),
  ),
  /** What schedules jobs from it: it is a cluster's login node, and others work on it. */
  scheduler: Schema.optionalKey(Schema.Literal("slurm")),
  /** Machines like it that units can have at the same time. */
  nodes: Schema.Int.check(Schema.isGreaterThan(0)),
  /** Types of its GPUs, as `Shape.gpu` names them; empty where a shape need not name one. */
  gpuTypes: Schema.Array(Schema.NonEmptyString),
  /** The longest that a unit may take there, in seconds; left out if nothing limits it. */
  longestSeconds: Schema.optionalKey(Schema.Finite),
}).annotate({ identifier: "HostFacts" })
export type HostFacts = typeof HostFacts.Type
