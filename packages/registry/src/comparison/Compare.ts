import type { Metric } from "@rigbook/core"
import {
  coefficientOfVariation,
  hodgesLehmann,
  holm,
  mannWhitney,
  median,
  minimumDetectableEffect,
  smallestP,
  withRole,
} from "@rigbook/records"
import { type Comparable, comparableName, type ComparableValue } from "./Comparable.ts"
import type { Pairing } from "./PairRecords.ts"
import { type Crossing, type Unlike, unlike } from "./Unlike.ts"

/** The result of comparing one metric. */
export type Word = "better" | "worse" | "no difference found" | "too few trials to tell"

/** One side's trials of a metric: `n` of them, and their `median` in its unit. */
export interface Side {
  readonly n: number
  readonly median: number
  /** Coefficient of variation; left out for a single trial. */
  readonly cv?: number
}

/**
 * A metric of two records side by side. Shares are of the median of `a`: 0.05 is 5 % more. An `estimate` is between
 * `low` and `high`, the ends of its interval.
 */
export interface MetricComparison {
  readonly metric: string
  readonly title: string
  readonly unit: string
  readonly better: "lower" | "higher"
  readonly a: Side
  readonly b: Side
  /** Hodges–Lehmann shift from `a` to `b` in the metric's unit, with its 95 % interval where there is one. */
  readonly shift: { readonly estimate: number; readonly low?: number; readonly high?: number }
  /** The same as a share; left out when the median of `a` is zero. */
  readonly change?: { readonly estimate: number; readonly low?: number; readonly high?: number }
  /** Mann–Whitney, two-sided: a probability, 0 to 1. */
  readonly p: number
  /** Holm's, over all metrics of all records compared together; 0 to 1. */
  readonly pAdjusted: number
  /** The smallest change that is detected in four of five repetitions, as a share; left out if there is none. */
  readonly detectable?: number
  readonly word: Word
}

/** Two records that were compared. */
export interface RecordComparison {
  readonly a: string
  readonly b: string
  readonly names: readonly [a: string, b: string]
  readonly metrics: ReadonlyArray<MetricComparison>
  /** Metrics that could not be compared. */
  readonly absent: ReadonlyArray<{
    readonly metric: string
    readonly title: string
    readonly reason: string
    /** `a` has this figure, and `b` says why it has none. */
    readonly lost?: true
  }>
  /** Neither of the two is suspect, or the user accepts it. */
  readonly trusted: boolean
  /** What to know before trusting the figures: suspect records, and how they may differ otherwise. */
  readonly caveats: ReadonlyArray<string>
}

/** Two records that are not comparable. */
export interface NotComparable {
  readonly a: string
  readonly b: string
  readonly reasons: ReadonlyArray<Unlike>
}

/** What changed between two sets of records, and what could not be compared. */
export interface Comparison {
  /** A change below this share of the median is ignored, however certain. */
  readonly threshold: number
  /** Significance level for adjusted p-values: a probability, 0.05 for 5 %. */
  readonly level: number
  readonly records: ReadonlyArray<RecordComparison>
  readonly refused: ReadonlyArray<NotComparable>
  readonly onlyInA: ReadonlyArray<string>
  readonly onlyInB: ReadonlyArray<string>
}

/** Options of `compare`. */
export interface CompareOptions {
  /** A share: 0.02, which is 2 %, if left out. */
  readonly threshold?: number
  /** Differences between records that are accepted. */
  readonly across?: ReadonlyArray<Crossing>
  /** Ids of the metrics to compare, instead of those whose role is `compared`. */
  readonly metrics?: ReadonlyArray<string>
  /** Metrics whose roles count: Rigbook's by default; a program with plugins adds theirs. */
  readonly known?: ReadonlyArray<Metric>
}

const LEVEL = 0.05

/**
 * Compares records pair by pair and metric by metric. It tests metrics whose role is `compared`: one that follows from
 * another (1000 / tpot), gives it by another clock, has one value per start of the engine, or says what was measured
 * rather than how fast would only make real differences harder to find. A metric differs if the Mann–Whitney test says
 * so at 5 % after Holm's correction over all comparisons, and it changed by the threshold or more. Pure.
 */
export const compare = (
  { onlyInA, onlyInB, pairs }: Pairing,
  { across = [], known, metrics, threshold = 0.02 }: CompareOptions = {},
): Comparison => {
  const tested = new Set(metrics ?? withRole("compared", known).map(({ id }) => id))
  const judged = pairs.map(([a, b]) => {
    const differences = unlike(a, b)
    const inTheWay = differences.filter(({ across: by }) => by === undefined || !across.includes(by))
    return { a, b, differences, inTheWay }
  })
  const prepared = judged
    .filter(({ inTheWay }) => inTheWay.length === 0)
    .map(({ a, b, differences }) => ({ a, b, differences, metrics: a.values.flatMap(chosen(tested, b)) }))
  const tests = prepared.flatMap((pair) => pair.metrics.flatMap((metric) => ("samples" in metric ? [metric] : [])))
  const measured = tests.map(({ samples: [a, b] }) => mannWhitney(a, b).p)
  const adjusted = holm(measured)
  const results = new Map(
    tests.map((test, at) => [test, resultOf(test, measured[at]!, adjusted[at]!, tests.length, threshold)]),
  )
  return {
    threshold,
    level: LEVEL,
    records: prepared.map(({ a, b, differences, metrics: all }) => ({
      a: a.id,
      b: b.id,
      names: [comparableName(a), comparableName(b)],
      metrics: all.flatMap((metric) => ("samples" in metric ? results.get(metric)! : [])),
      absent: all.flatMap((metric) => ("reason" in metric ? [metric] : [])),
      trusted: across.includes("verdict") || [a, b].every(({ verdict }) => verdict.status === "valid"),
      caveats: [...differences.map(({ detail }) => detail), ...[a, b].flatMap(suspicions)],
    })),
    refused: judged
      .filter(({ inTheWay }) => inTheWay.length > 0)
      .map(({ a, b, inTheWay }) => ({ a: a.id, b: b.id, reasons: inTheWay })),
    onlyInA: onlyInA.map(({ id }) => id),
    onlyInB: onlyInB.map(({ id }) => id),
  }
}

const suspicions = ({ id, verdict: { reasons, status } }: Comparable): ReadonlyArray<string> =>
  status === "suspect"
    ? [
        `${id} is suspect: ${reasons
          .filter(({ level }) => level === "suspect")
          .map(({ detail }) => detail)
          .join("; ")}`,
      ]
    : []

interface Test {
  readonly value: ComparableValue
  readonly samples: readonly [a: ReadonlyArray<number>, b: ReadonlyArray<number>]
}

/** A metric of `a` with its counterpart, if it is to be compared. */
const chosen =
  (tested: ReadonlySet<string>, b: Comparable) =>
  (value: ComparableValue): ReadonlyArray<Test | RecordComparison["absent"][number]> => {
    const { metric, title } = value
    if (!tested.has(metric)) return []
    const absent = (reason: string) => [{ metric, title, reason }]
    const other = b.values.find((candidate) => candidate.metric === metric)
    if (other === undefined) return absent(`${b.id} does not have it`)
    if (other.definition !== value.definition || other.unit !== value.unit)
      return absent(`it was defined as "${value.definition}" and is now "${other.definition}"`)
    if ("absent" in value.result) return absent(value.result.absent)
    if ("absent" in other.result) return [{ metric, title, reason: other.result.absent, lost: true }]
    return [{ value, samples: [trialsOf(value.result.trials), trialsOf(other.result.trials)] }]
  }

const trialsOf = (trials: ReadonlyArray<number | null>): ReadonlyArray<number> =>
  trials.filter((trial) => trial !== null)

const resultOf = (test: Test, p: number, pAdjusted: number, tests: number, threshold: number): MetricComparison => {
  const { better, metric, title, unit } = test.value
  const [a, b] = test.samples
  const { estimate, interval } = hodgesLehmann(a, b)
  const shift = { estimate, ...(interval === undefined ? {} : { low: interval.low, high: interval.high }) }
  const centre = median(a)
  const scaled = Object.entries(shift).map(([key, value]) => [key, value / Math.abs(centre)] as const)
  const change = centre === 0 ? undefined : (Object.fromEntries(scaled) as typeof shift)
  // The first step of Holm's method is the strictest: a single difference has to pass it.
  const detectable = minimumDetectableEffect(a, b, LEVEL / tests)
  const large = change === undefined ? estimate !== 0 : Math.abs(change.estimate) >= threshold
  return {
    metric,
    title,
    unit,
    better,
    a: sideOf(a),
    b: sideOf(b),
    shift,
    ...(change === undefined ? {} : { change }),
    p,
    pAdjusted,
    ...(detectable === undefined ? {} : { detectable }),
    word:
      smallestP(a.length, b.length) * tests > LEVEL
        ? "too few trials to tell"
        : pAdjusted >= LEVEL || !large
          ? "no difference found"
          : estimate > 0 === (better === "higher")
            ? "better"
            : "worse",
  }
}

const sideOf = (values: ReadonlyArray<number>): Side => {
  const cv = coefficientOfVariation(values)
  return { n: values.length, median: median(values), ...(cv === undefined ? {} : { cv }) }
}
