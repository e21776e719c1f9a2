import { compareSamples, type Difference, type Samples } from "../../records/src/statistics/CompareSamples.ts"
import type { PageData } from "../src/html/PageData.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import { figuresOf } from "./figures.ts"

/** A metric of two runs, and how it differs. */
export interface Compared {
  readonly metric: string
  readonly difference: Difference
}

/** Two runs side by side: how they differ, or why they can't be compared. */
export interface Pair {
  readonly a: PageRun
  readonly b: PageRun
  readonly metrics: ReadonlyArray<Compared>
  readonly refused: ReadonlyArray<string>
}

/**
 * Compares runs as `rigbook compare` does: the same test of the same trials, corrected over all metrics of all pairs
 * together; of other work, hosts or an invalid run no figure is compared. Pure.
 */
export const comparePairs = (
  { metrics }: Pick<PageData, "metrics">,
  pairs: ReadonlyArray<readonly [a: PageRun, b: PageRun]>,
): ReadonlyArray<Pair> => {
  const prepared = pairs.map(([a, b]) => {
    const refused = unlike(a, b)
    const tests = refused.length > 0 ? [] : testsOf(metrics, a, b)
    return { a, b, refused, tests }
  })
  const results = compareSamples(prepared.flatMap(({ tests }) => tests.map(({ samples }) => samples)))
  let at = 0
  return prepared.map(({ a, b, refused, tests }) => ({
    a,
    b,
    refused,
    metrics: tests.map(({ metric }) => ({ metric, difference: results[at++]! })),
  }))
}

const testsOf = (
  metrics: PageData["metrics"],
  a: PageRun,
  b: PageRun,
): ReadonlyArray<{ readonly metric: string; readonly samples: Samples }> =>
  Object.entries(metrics).flatMap(([metric, { better, compared }]) => {
    const [one, other] = [figuresOf(a, metric), figuresOf(b, metric)]
    if (compared !== true || one === undefined || other === undefined) return []
    return [{ metric, samples: { a: trialsOf(one.trials), b: trialsOf(other.trials), better } }]
  })

const trialsOf = (trials: ReadonlyArray<number | null>): ReadonlyArray<number> =>
  trials.filter((trial) => trial !== null)

const unlike = (a: PageRun, b: PageRun): ReadonlyArray<string> => [
  ...(a.id === b.id ? ["they are one run"] : []),
  ...(a.task === b.task ? [] : ["one generates text, the other embeds documents"]),
  ...(a.host === b.host ? [] : ["they ran on different rigs"]),
  ...(a.work === b.work
    ? []
    : [
        a.scenario === b.scenario
          ? `a setting or the prompts of ${a.scenario} differ`
          : `they ran different scenarios, ${a.scenario} and ${b.scenario}`,
      ]),
  ...[a, b].flatMap((run) =>
    run.verdict === "invalid" ? [`${run.id} is invalid: ${run.reasons.map(({ code }) => code).join(", ")}`] : [],
  ),
  ...(a.quality === undefined && b.quality === undefined
    ? []
    : [`quality is compared query by query: rigbook compare ${a.id} ${b.id}`]),
]

/** What two runs differ in. */
export const differencesOf = (data: PageData, a: PageRun, b: PageRun): ReadonlyArray<string> => {
  const [one, other] = [data.setups[a.setup], data.setups[b.setup]]
  const names = new Set(Object.keys({ ...one?.requested, ...other?.requested }))
  return [
    ...(a.name === b.name ? [] : [`model: ${a.name}, ${b.name}`]),
    ...(a.quantization === b.quantization ? [] : [`quantization: ${a.quantization}, ${b.quantization}`]),
    ...(a.runtime === b.runtime ? [] : [`engine: ${a.runtime}, ${b.runtime}`]),
    ...(a.placement === b.placement ? [] : [`placement: ${a.placement}, ${b.placement}`]),
    ...(a.scenario === b.scenario ? [] : [`scenario: ${a.scenario}, ${b.scenario}`]),
    ...(a.backend === b.backend ? [...names] : []).flatMap((name) => {
      const [from = "not set", to = "not set"] = [one?.requested[name], other?.requested[name]]
      return from === to ? [] : [`${name}: ${from}, ${to}`]
    }),
    ...(a.started === b.started ? [] : [`date: ${a.started}, ${b.started}`]),
  ]
}
