import type { Metric } from "@rigbook/core"
import {
  coefficientOfVariation,
  compareSamples,
  type Difference,
  DIFFERS,
  median,
  METRICS,
  pairedBootstrap,
  withRole,
} from "@rigbook/records"
import { type Comparable, comparableName, type ComparableValue } from "./Comparable.ts"
import type { Pairing } from "./PairRecords.ts"
import { type Crossing, type Unlike, unlike } from "./Unlike.ts"

/** One side's trials of a metric: `n` of them, and their `median` in its unit. */
export interface Side {
  readonly n: number
  readonly median: number
  /** Coefficient of variation; left out for a single trial. */
  readonly cv?: number
}

/**
 * A metric of two records side by side, and how it differs: over all metrics of all records compared together. `p` is a
 * probability, 0 to 1.
 */
export interface MetricComparison extends Difference {
  readonly metric: string
  readonly title: string
  readonly unit: string
  readonly better: "lower" | "higher"
  readonly a: Side
  readonly b: Side
  /** Of quality: queries, or pairs of sentences, by which the two are compared, instead of by trials. */
  readonly paired?: number
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

/**
 * Compares records pair by pair and metric by metric. It tests metrics whose role is `compared`: one that follows from
 * another (1000 / tpot), gives it by another clock, has one value per start of the engine, or says what was measured
 * rather than how fast would only make real differences harder to find. A metric differs if the Mann–Whitney test says
 * so at 5 % after Holm's correction over all comparisons, and it changed by the threshold or more. Figures
 * of quality are compared query by query, by a paired bootstrap: their trials are the same. Pure.
 */
export const compare = (
  { onlyInA, onlyInB, pairs }: Pairing,
  { across = [], known, metrics, threshold = DIFFERS.threshold }: CompareOptions = {},
): Comparison => {
  const tested = new Set(metrics ?? withRole("compared", known).map(({ id }) => id))
  const unitsOf = new Map((known ?? METRICS).map(({ id, units }) => [id, units]))
  // Its two trials say nothing of memory: that is compared of runs that are about it, or where it is named.
  const beside = ({ scored }: Comparable, id: string) =>
    metrics === undefined && scored !== undefined && unitsOf.get(id) === undefined
  const judged = pairs.map(([a, b]) => {
    const differences = unlike(a, b)
    const inTheWay = differences.filter(({ across: by }) => by === undefined || !across.includes(by))
    return { a, b, differences, inTheWay }
  })
  const prepared = judged
    .filter(({ inTheWay }) => inTheWay.length === 0)
    .map(({ a, b, differences }) => ({
      a,
      b,
      differences,
      metrics: a.values.filter(({ metric }) => !beside(a, metric)).flatMap(chosen(tested, unitsOf, a, b)),
    }))
  const tests = prepared.flatMap((pair) => pair.metrics.flatMap((metric) => ("samples" in metric ? [metric] : [])))
  const differences = compareSamples(
    tests.map(({ paired, samples: [one, other], value }) => ({
      a: one,
      b: other,
      better: value.better,
      ...(paired === undefined ? {} : { paired }),
    })),
    threshold,
  )
  const results = new Map(tests.map((test, at) => [test, resultOf(test, differences[at]!)]))
  return {
    threshold,
    level: DIFFERS.level,
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
  readonly paired?: NonNullable<ReturnType<typeof pairedBootstrap>> & { readonly units: number }
}

/** A metric of `a` with its counterpart, if it is to be compared. */
const chosen =
  (tested: ReadonlySet<string>, unitsOf: ReadonlyMap<string, Metric["units"]>, a: Comparable, b: Comparable) =>
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
    const samples = [trialsOf(value.result.trials), trialsOf(other.result.trials)] as const
    const units = unitsOf.get(metric)
    if (units === undefined || a.scored === undefined || b.scored === undefined) return [{ value, samples }]
    const [one, two] = [units(a.scored), units(b.scored)]
    const paired =
      a.cell.prompts.sha256 === b.cell.prompts.sha256 && one !== undefined && two !== undefined
        ? pairedBootstrap(one, two)
        : undefined
    return paired === undefined
      ? absent("the two are not of the same queries")
      : [{ value, samples, paired: { ...paired, units: one!.count } }]
  }

const trialsOf = (trials: ReadonlyArray<number | null>): ReadonlyArray<number> =>
  trials.filter((trial) => trial !== null)

const resultOf = ({ paired, samples: [a, b], value }: Test, difference: Difference): MetricComparison => ({
  metric: value.metric,
  title: value.title,
  unit: value.unit,
  better: value.better,
  a: sideOf(a),
  b: sideOf(b),
  ...(paired === undefined ? {} : { paired: paired.units }),
  ...difference,
})

const sideOf = (values: ReadonlyArray<number>): Side => {
  const cv = coefficientOfVariation(values)
  return { n: values.length, median: median(values), ...(cv === undefined ? {} : { cv }) }
}
