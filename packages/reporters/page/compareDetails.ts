import { capitalized } from "../src/format.ts"
import { uncertain } from "../src/Uncertain.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import type { Catalog } from "./catalog.ts"
import { commandBlock, quoted } from "./command.ts"
import { comparePairs, type Compared, differencesOf } from "./compare.ts"
import { type Column, dataTable } from "./DataTable.ts"
import { element } from "./element.ts"
import { figureOf, figuresOf, memoryOf } from "./figures.ts"
import { ratioMark } from "./interval.ts"
import { runLink } from "./links.ts"
import { verdictMark } from "./verdict.ts"

/** Two runs side by side: what they differ in, and each figure with its change. */
export const compareDetails = (catalog: Catalog, a: PageRun, b: PageRun): ReadonlyArray<Node> => {
  const { data } = catalog
  const [{ metrics, refused }] = comparePairs(data, [[a, b]]) as readonly [ReturnType<typeof comparePairs>[number]]
  const differences = differencesOf(data, a, b)
  return [
    element(
      "p",
      {},
      differences.length === 0 ? "They differ in nothing that was set. " : `They differ in ${differences.join("; ")}. `,
    ),
    element("ul", { class: "sides" }, ...sidesOf(a, b)),
    ...(refused.length === 0
      ? [element("p", { class: "conclusion" }, element("strong", {}, conclusionOf(catalog, metrics)))]
      : [element("p", { class: "conclusion" }, `Not compared: ${refused.join("; ")}.`)]),
    refused.length === 0 ? comparedTable(catalog, a, b, metrics) : figuresTable(catalog, a, b),
    element(
      "p",
      { class: "small" },
      "As rigbook compare: the Hodges–Lehmann change from A to B with its 95 % interval; better or worse where the Mann–Whitney test, corrected for the number of figures, finds a difference of 2 % or more. A change within its interval of zero is inconclusive.",
    ),
    element("h3", {}, "Repeat"),
    commandBlock(`rigbook compare ${quoted(a.id)} ${quoted(b.id)}`),
    ...(a.scenario === b.scenario && a.model !== b.model
      ? [commandBlock(`rigbook run ${quoted(a.model)} ${quoted(b.model)} --filter ${quoted(a.scenario)} --rounds 5`)]
      : []),
  ]
}

const sidesOf = (a: PageRun, b: PageRun): ReadonlyArray<HTMLElement> =>
  [["A", a] as const, ["B", b] as const].map(([side, run]) =>
    element(
      "li",
      {},
      element("b", {}, `${side}: `),
      runLink(run, `${run.name} ${run.quantization}, ${run.runtime}, ${run.scenario}, ${run.started}`),
      " ",
      verdictMark(run),
    ),
  )

/** `B is worse in decode speed: −12 % (−15 to −9 %).` */
const conclusionOf = ({ data }: Catalog, metrics: ReadonlyArray<Compared>): string => {
  const of = (word: string) =>
    metrics
      .filter(({ difference }) => difference.word === word)
      .map(({ difference, metric }) => `${data.metrics[metric]?.title.toLowerCase()} ${changeText(difference)}`)
  const [better, worse] = [of("better"), of("worse")]
  if (metrics.length === 0) return "No figure that both have is compared."
  if (better.length + worse.length === 0) return "No difference found between A and B."
  return capitalized(
    [
      ...(better.length === 0 ? [] : [`B is better in ${better.join(", ")}`]),
      ...(worse.length === 0 ? [] : [`B is worse in ${worse.join(", ")}`]),
    ].join("; "),
  ).concat(".")
}

/** `−12.3 % (−15.1 to −9.4 %)`: what a change is, with its interval. */
export const changeText = ({ change }: Compared["difference"]): string => {
  if (change === undefined) return "from zero"
  const signed = (share: number) => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)}`
  const { estimate, high, low } = change
  return `${signed(estimate)} %${low === undefined || high === undefined ? "" : ` (${signed(low)} to ${signed(high)} %)`}`
}

/** Without a difference, what can't be ruled out. */
export const wordOf = ({ change, word }: Compared["difference"]): string => {
  if (word !== "no difference found") return word
  const { high, low } = change ?? {}
  return low !== undefined && high !== undefined && low >= -0.05 && high <= 0.05 ? "same within 5 %" : "inconclusive"
}

const comparedTable = ({ data }: Catalog, a: PageRun, b: PageRun, metrics: ReadonlyArray<Compared>): HTMLElement => {
  const ends = metrics.flatMap(({ difference: { change } }) =>
    change === undefined ? [] : [change.estimate, change.low ?? 0, change.high ?? 0],
  )
  const range = { from: Math.min(0, ...ends), to: Math.max(0, ...ends) }
  const columns: ReadonlyArray<Column<Compared>> = [
    {
      header: "Figure",
      names: true,
      key: ({ metric }) => data.metrics[metric]?.title,
      cell: ({ metric }) => data.metrics[metric]?.title ?? metric,
    },
    ...[["A", a] as const, ["B", b] as const].map(([header, run]): Column<Compared> => ({
      header,
      figure: "higher",
      key: ({ metric }) => figuresOf(run, metric)?.median,
      cell: ({ metric }) => figureOf(data, run, metric, { memory: memoryOf([a, b], metric) }),
    })),
    {
      header: "Change from A to B",
      figure: "higher",
      key: ({ difference }) => difference.change?.estimate,
      cell: ({ difference }) => changeText(difference),
    },
    {
      header: "Less, or more",
      wide: true,
      unsorted: true,
      key: () => undefined,
      cell: ({ difference: { change } }) => (change === undefined ? "" : ratioMark(change, range)),
    },
    {
      header: "B is",
      key: ({ difference }) => difference.word,
      cell: ({ difference }) => element("span", { class: classOf(difference.word) }, wordOf(difference)),
    },
  ]
  const table = dataTable("Figures of both runs", columns)
  table.show(metrics)
  return table.element
}

const classOf = (word: string): string => (word === "better" ? "better" : word === "worse" ? "worse" : "even")

/** Where nothing is compared: what each has measured. */
const figuresTable = ({ data }: Catalog, a: PageRun, b: PageRun): HTMLElement => {
  const metrics = Object.entries(data.metrics).filter(([id]) => [a, b].some((run) => figuresOf(run, id) !== undefined))
  const cellOf =
    (run: PageRun) =>
    ([id]: readonly [string, PageRun]) =>
      figureOf(data, run, id, { memory: memoryOf([a, b], id) })
  const table = dataTable<readonly [string, PageRun]>("Figures of both runs", [
    {
      header: "Figure",
      names: true,
      key: ([id]) => data.metrics[id]?.title,
      cell: ([id]) => data.metrics[id]?.title ?? id,
    },
    { header: "A", figure: "higher", key: ([id]) => figuresOf(a, id)?.median, cell: cellOf(a) },
    { header: "B", figure: "higher", key: ([id]) => figuresOf(b, id)?.median, cell: cellOf(b) },
  ])
  table.show(metrics.map(([id]) => [id, a] as const))
  return table.element
}

/** A figure with its interval, in a line. */
export const lineOf = ({ data }: Catalog, run: PageRun, metric: string): string => {
  const figures = figuresOf(run, metric)
  const unit = data.metrics[metric]?.unit ?? ""
  return figures === undefined
    ? "–"
    : `${uncertain(figures, unit)}${unit === "B" || unit === "score" ? "" : ` ${unit}`}`
}
