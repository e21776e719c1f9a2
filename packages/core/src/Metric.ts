import type { Measured } from "./Measured.ts"
import type { Task } from "./model/Model.ts"
import type { Sample } from "./record/Sample.ts"
import type { TrialTelemetry } from "./record/TrialTelemetry.ts"
import type { Measure } from "./scenario/Dataset.ts"
import type { Scored } from "./scenario/Scored.ts"

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
  /** A number without a unit, 1 at best. */
  | "score"

/**
 * What a metric is used for beside being shown. `compared`: `compare` tests it unless it is given other metrics; without it,
 * a metric is compared only where it is named. All others are Rigbook's own to give, so that a record is judged alike
 * wherever its plugins are missing. `headline`: has to repeat, and ends trials that go on until figures are sure. One
 * metric of each task has these: `speed`, by which models, placements and quantizations are compared; `throughput`, by which
 * loads and batches are; `wait`, what one caller waits for; `memory`.
 */
export type Role = "compared" | "headline" | "speed" | "throughput" | "wait" | "memory"

/**
 * Where figures are columns. `line`: one line about a record, on a terminal. `live`: the run that is under way. `runs`: the
 * tables of all runs. `engines`: one model on several engines. `sizes`: what differs in quantization, context, or load.
 * `loads`: a ladder of loads. `ladders`: what plots of ladders can show.
 */
export type View = "line" | "live" | "runs" | "engines" | "sizes" | "loads" | "ladders"

/** What a figure of quality is made of, to be drawn again for its interval. */
export interface Units {
  /** Queries or pairs. */
  readonly count: number
  /** The figure of a sample in which each of them stands so many times. */
  readonly figure: (times: ArrayLike<number>) => number
}

/** A pure function from one trial's raw facts to one value. Old samples can be measured anew with it. */
export interface Metric {
  readonly id: string
  /** For people: `Time to first token`. */
  readonly title: string
  /** Head of its column where the title is long: `TTFT`. */
  readonly label?: string
  /** How a trial's value is made, in a line of plain text that registries show. Other metrics go by their ids. */
  readonly definition: string
  readonly unit: Unit
  readonly better: "lower" | "higher"
  readonly tasks: ReadonlyArray<Task>
  /** `opening`: one value each time the engine was started, whatever the number of trials. Else one a trial. */
  readonly per?: "opening"
  /** `load`: only of scenarios that have many requests under way at once. Else only of scenarios of quality that measure this. */
  readonly under?: "load" | Measure
  /** Of quality: what the figure is made of; `undefined` where it has none. Its interval is drawn from them. */
  readonly units?: (scored: Scored) => Units | undefined
  readonly roles?: ReadonlyArray<Role>
  /** Views that show it after Rigbook's own columns. Those of Rigbook are in the order of one table, `VIEWS`. */
  readonly views?: ReadonlyArray<View>
  /** One trial's value, or the reason why it has none; `telemetry` is what was read while it ran, where it was. */
  readonly measure: (sample: Sample, telemetry?: TrialTelemetry) => Measured
}
