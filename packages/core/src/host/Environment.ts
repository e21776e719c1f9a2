import { Schema } from "effect"

/** The state that a run started in, captured before the engine starts. */
export const Environment = Schema.Struct({
  rigbook: Schema.NonEmptyString,
  node: Schema.NonEmptyString,
  /** Runnable processes averaged over one minute, as the system reports it. */
  loadAverage: Schema.Finite,
  /** Share of all cores that was busy before Rigbook started anything, 0 to 1. */
  busy: Schema.Union([Schema.Struct({ value: Schema.Finite }), Schema.Struct({ absent: Schema.NonEmptyString })]),
  freeMemoryBytes: Schema.Int,
  git: Schema.Union([
    Schema.Struct({ commit: Schema.NonEmptyString, dirty: Schema.Boolean }),
    Schema.Struct({ absent: Schema.NonEmptyString }),
  ]),
}).annotate({ identifier: "Environment" })
export type Environment = typeof Environment.Type
