import type { Comparison, MetricComparison } from "@rigbook/registry"
import { styleText } from "node:util"
import { count } from "./Count.ts"
import { figure } from "./Figures.ts"

/** From so many pairs on, what changed is summed up. */
export const SUMMED_FROM = 4
/** Of what became worse, and of what became better, so many figures are named. */
const NAMED = 7
/** Within this share of zero, an interval says that nothing changed. */
const SAME = 0.05

type State = "better" | "worse" | "same" | "inconclusive"

interface Named {
  readonly name: string
  readonly metric: MetricComparison
}

/** What became better, worse or stays open between two sets of records, in 20 lines at most. Pure. */
export const compareSummary = ({ onlyInA, onlyInB, records, refused }: Comparison): string => {
  const all = records.flatMap(({ metrics, names: [, name] }) => metrics.map((metric): Named => ({ name, metric })))
  const of = (state: State) =>
    all
      .filter(({ metric }) => stateOf(metric) === state)
      .toSorted((a, b) => Math.abs(changeOf(b.metric)) - Math.abs(changeOf(a.metric)))
  const left = [
    ...(refused.length === 0 ? [] : [`${count(refused.length, "pair")} not compared`]),
    ...(onlyInA.length === 0 ? [] : [`${onlyInA.length} only in a`]),
    ...(onlyInB.length === 0 ? [] : [`${onlyInB.length} only in b`]),
  ]
  return [
    `${count(records.length, "pair")} of runs, ${count(all.length, "figure")}: ${of("better").length} better, ${of("worse").length} worse, ${of("same").length} the same within ${figure(100 * SAME)} %, ${of("inconclusive").length} inconclusive.`,
    ...(left.length === 0 ? [] : [`${left.join(", ")}.`]),
    ...part("Worse", "red", of("worse")),
    ...part("Better", "green", of("better")),
    "Each figure with its interval: --markdown FILE, --json, or two records.",
  ].join("\n")
}

const part = (title: string, color: "green" | "red", named: ReadonlyArray<Named>): ReadonlyArray<string> =>
  named.length === 0
    ? []
    : [
        styleText(color, title),
        ...named.slice(0, NAMED).map(({ metric, name }) => `  ${name}: ${changeLine(metric)}`),
        ...(named.length > NAMED ? [`  and ${named.length - NAMED} more`] : []),
      ]

const stateOf = ({ change, word }: MetricComparison): State => {
  if (word === "better" || word === "worse") return word
  const { high, low } = change ?? {}
  return word === "no difference found" && low !== undefined && high !== undefined && low >= -SAME && high <= SAME
    ? "same"
    : "inconclusive"
}

const changeOf = ({ change }: MetricComparison): number => change?.estimate ?? Number.POSITIVE_INFINITY

/** The time per output token is what is tested; people read it as decode speed, which follows from it. */
const TPOT = "tpot"

/**
 * `decode 98 → 81 tokens/s (−17.5 %)`: from the median of a to that of b, with the share that leads from one to the other. What
 * is concluded comes from the test of all trials.
 */
export const changeLine = ({ a, b, metric, title, unit }: MetricComparison): string => {
  const isDecode = metric === TPOT && a.median > 0 && b.median > 0
  const [from, to] = isDecode ? [1000 / a.median, 1000 / b.median] : [a.median, b.median]
  const [scale, shown] = unit === "B" ? [2 ** -20, "MiB"] : [1, isDecode ? "tokens/s" : unit]
  const share = from === 0 ? "" : ` (${signed(to / from - 1)})`
  return `${isDecode ? "decode speed" : title.toLowerCase()} ${figure(from * scale)} → ${figure(to * scale)} ${shown}${share}`
}

const signed = (share: number): string => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)} %`
