import { Schema } from "effect"
import type { Measured } from "./Measured.ts"
import type { Task } from "./model/Model.ts"
import type { Sample } from "./record/Sample.ts"
import type { TrialTelemetry } from "./record/TrialTelemetry.ts"
import type { Measure } from "./scenario/Dataset.ts"
import type { Scored } from "./scenario/Scored.ts"

/** Units that values are given in: those of Rigbook's metrics, of which `B` is shown in MiB and GiB, or any other. */
export type Unit =
  | (string & Record<never, never>)
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
  /** Unit of information: 1.44 bits. */
  | "nats"
  /** A number without a unit, 1 at best. */
  | "score"

/**
 * What a metric is used for, beside being shown. `compared`: `compare` tests it unless given other metrics; without it,
 * a metric is compared only if it is named. All other roles are reserved for Rigbook, so that a record has the same
 * verdict without its plugins. `headline`: has to repeat, and ends trials that continue until figures are precise
 * enough. One metric of each task has these: `speed`, by which models, placements and quantizations are compared;
 * `throughput`, by which loads and batches are; `wait`, what one caller waits for; `memory`.
 */
export type Role = "compared" | "headline" | "speed" | "throughput" | "wait" | "memory"

/**
 * Where figures are columns. `line`: one line about a record, on a terminal. `live`: the current run. `runs`: the
 * tables of all runs. `engines`: one model on several engines. `sizes`: what differs in quantization, context, or load.
 * `loads`: a ladder of loads. `ladders`: what plots of ladders can show.
 */
export type View = "line" | "live" | "runs" | "engines" | "sizes" | "loads" | "ladders"

/** What a figure of quality is computed from, to be resampled for its interval. */
export interface Units {
  /** Queries, pairs, chunks or questions. */
  readonly count: number
  /** The figure of a resample that has each of them this many times. */
  readonly figure: (times: ArrayLike<number>) => number
}

type MetricOptions = Readonly<Record<string, unknown>>

/** A pure function from one trial's raw facts to one value. It can be applied to old samples. */
export interface Metric {
  readonly id: string
  /** For people: `Time to first token`. */
  readonly title: string
  /** Head of its column where the title is long: `TTFT`. */
  readonly label?: string
  /**
   * How a trial's value is computed, in a line of plain text that registries show. It names other metrics by their ids.
   */
  readonly definition: string
  readonly unit: Unit
  readonly better: "lower" | "higher"
  readonly tasks: ReadonlyArray<Task>
  /** `opening`: one value each time the engine was started, whatever the number of trials. Else one per trial. */
  readonly per?: "opening"
  /**
   * `load`: only for scenarios with many requests at once; `multi-turn`: only for conversations;
   * `speculation`: only for backends with an option of this name that is set. Else only for scenarios of
   * quality that measure this.
   */
  readonly under?: "load" | "multi-turn" | "speculation" | Measure | "kld"
  /** Of quality: what the figure is computed from; `undefined` if it has none. Its interval is resampled from them. */
  readonly units?: (scored: Scored) => Units | undefined
  /**
   * Depends on how long answers are: it is absent for a trial in which one ended before the requested number of tokens.
   */
  readonly ofLength?: true
  readonly roles?: ReadonlyArray<Role>
  /** Views that show it after Rigbook's own columns. Those of Rigbook are in the order of one table, `VIEWS`. */
  readonly views?: ReadonlyArray<View>
  /** Options that it was given, as they are written in rigbook.yaml: part of each of its values. See `withOptions`. */
  readonly options?: MetricOptions
  /** The same metric with these options; left out if it has none. Throws an error that says what is wrong with them. */
  readonly withOptions?: (options: MetricOptions) => Metric
  /** One trial's value, or the reason why it has none; `telemetry` is what was read while it ran, if anything. */
  readonly measure: (sample: Sample, telemetry?: TrialTelemetry) => Measured
}

/**
 * A metric that `metrics` of rigbook.yaml may give options: `make` is given what `schema` makes of them, so its defaults
 * hold where nothing is given. What the options change belongs in the definition: figures with one definition are compared.
 */
export const metricWithOptions = <Options>(
  schema: Schema.Codec<Options, unknown>,
  make: (options: Options) => Metric,
): Metric => {
  const decode = Schema.decodeUnknownSync(schema, { errors: "all", onExcessProperty: "error" })
  const withOptions = (options: MetricOptions): Metric => ({
    ...make(decode(options)),
    ...(Object.keys(options).length === 0 ? {} : { options }),
    withOptions,
  })
  return withOptions({})
}
