import type { MetricValue, RunRecord } from "@rigbook/core"
import { hodgesLehmann } from "@rigbook/records"
import { TOLERANCE } from "./Scaling.ts"
import { NBSP } from "./Uncertain.ts"

/** How a run's figure stands to another's: a ratio, its 95 % interval, and what may be concluded. */
export interface Ratio {
  readonly ratio: number
  readonly low?: number
  readonly high?: number
  readonly word: string
  /** Neither run is suspect. */
  readonly trusted: boolean
}

/** The Hodges–Lehmann ratio of `record`'s trials to those of `base`; `undefined` where one has no figure, or is invalid. */
export const ratioOf = (base: RunRecord, record: RunRecord, metric: string): Ratio | undefined => {
  const [from, to] = [valueOf(base, metric), valueOf(record, metric)]
  if (from === undefined || to === undefined) return undefined
  const [a, b] = [logs(from), logs(to)]
  if (a.length === 0 || b.length === 0) return undefined
  const { estimate, interval } = hodgesLehmann(a, b)
  const ratio = Math.exp(estimate)
  const ends = interval === undefined ? undefined : { low: Math.exp(interval.low), high: Math.exp(interval.high) }
  return {
    ratio,
    ...ends,
    word: wordOf(ratio, ends, from.better === "higher"),
    trusted: [base, record].every(({ verdict }) => verdict.status === "valid"),
  }
}

/** `1.20× (1.17 to 1.23) faster` */
export const ratioText = ({ high, low, ratio, word }: Ratio): string => `${factorText({ high, low, ratio })} ${word}`

/** `1.20× (1.17 to 1.23)` */
export const factorText = ({
  high,
  low,
  ratio,
}: {
  readonly ratio: number
  readonly low?: number | undefined
  readonly high?: number | undefined
}): string =>
  `${ratio.toFixed(2)}×${low === undefined || high === undefined ? "" : `${NBSP}(${low.toFixed(2)} to ${high.toFixed(2)})`}`

const wordOf = (
  ratio: number,
  ends: { readonly low: number; readonly high: number } | undefined,
  higherIsFaster: boolean,
): string => {
  const [least, most] = [1 - TOLERANCE, 1 + TOLERANCE]
  if (ends === undefined) return "inconclusive"
  if (ends.low >= least && ends.high <= most) return "same"
  if (ends.low <= 1 && ends.high >= 1) return "inconclusive"
  if (ratio > least && ratio < most) return `under ${Math.round(100 * TOLERANCE)} %`
  if (higherIsFaster) return ratio > 1 ? "faster" : "slower"
  return ratio > 1 ? "longer" : "shorter"
}

type Measured = Extract<MetricValue["result"], { readonly trials: unknown }>
interface Value {
  readonly better: MetricValue["better"]
  readonly trials: Measured["trials"]
}

const valueOf = ({ values, verdict }: RunRecord, metric: string): Value | undefined => {
  const value = values.find((candidate) => candidate.metric === metric)
  return verdict.status === "invalid" || value === undefined || "absent" in value.result
    ? undefined
    : { better: value.better, trials: value.result.trials }
}

/** Of what is zero there is no ratio. */
const logs = ({ trials }: Value): ReadonlyArray<number> =>
  trials.flatMap((trial) => (trial === null || trial <= 0 ? [] : [Math.log(trial)]))
