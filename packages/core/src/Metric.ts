import type { Measured } from "./Measured.ts"
import type { Task } from "./model/Model.ts"
import type { Sample } from "./record/Sample.ts"
import type { TrialTelemetry } from "./record/TrialTelemetry.ts"

/** Units that values are given in. */
export type Unit =
  | "ms"
  | "s"
  | "tokens/s"
  | "docs/s"
  | "requests/s"
  | "B"
  | "%"
  | "MHz"
  | "W"
  | "J/token"
  | "°C"
  | "cores"

/** A pure function from one trial's raw facts to one value. Old samples can be measured anew with it. */
export interface Metric {
  readonly id: string
  /** For people: `Time to first token`. */
  readonly title: string
  /** How a trial's value is made, in a line of plain text that registries show. Other metrics go by their ids. */
  readonly definition: string
  readonly unit: Unit
  readonly better: "lower" | "higher"
  readonly tasks: ReadonlyArray<Task>
  /** `opening`: one value each time the engine was started, whatever the number of trials. Else one a trial. */
  readonly per?: "opening"
  /** `load`: only of scenarios that have many requests under way at once. */
  readonly under?: "load"
  /** One trial's value, or the reason why it has none; `telemetry` is what was read while it ran, where it was. */
  readonly measure: (sample: Sample, telemetry?: TrialTelemetry) => Measured
}
