import { bytes, errorText, figure, MISSING, parameters, percent, significant, withUnit } from "../src/format.ts"
import type { PageData, PageEstimate, PageModel, PageNote, PageRun, PageValue } from "../src/html/PageData.ts"
import { starsMark } from "../src/html/marks.ts"
import { type Column, dataTable } from "./DataTable.ts"
import { element, elementOf } from "./element.ts"
import { figuresOf, missing, read } from "./figures.ts"
import { modelLink, recordLink, runLink } from "./links.ts"
import { runColumns } from "./runColumns.ts"
import { verdictMark } from "./verdict.ts"

/** All about one run: its verdict with reasons, and every metric with its trials or the reason why it is missing. */
export const runDetails = ({ metrics, reasons }: PageData, run: PageRun): ReadonlyArray<Node> => [
  element("p", {}, verdictMark(run)),
  ...(run.reasons.length === 0 ? [element("p", {}, "No reasons against it.")] : []),
  element(
    "ul",
    {},
    ...run.reasons.map(({ code, detail, ...own }) => {
      const { advice, level } = { ...reasons[code]!, ...own }
      return element("li", {}, element("code", {}, code), ` (${level}): ${detail}. ${advice}`)
    }),
    ...(run.failure === undefined ? [] : [element("li", {}, run.failure)]),
    ...(run.stale ?? []).map((why) => element("li", {}, element("span", { class: "stale" }, "stale"), ` ${why}`)),
  ),
  facts([
    ["Model", modelLink({ id: run.model, name: run.name })],
    ["Quantization", weightsOf(run)],
    ["Backend", `${run.backend}, ${run.runtime}`],
    ["Placement", run.placement],
    ["Scenario", run.scenario],
    ["Host", run.host],
    ["Started", `${run.started} (UTC)`],
    ["Record", recordLink(run, run.id)],
    ...(run.report === undefined
      ? []
      : [["Report", element("a", { href: run.report }, "every trial and plot")] as const]),
  ]),
  ...table("Figures", metricColumns(run, metrics), Object.entries(run.values)),
  ...table("Memory, estimated and observed", ESTIMATES, run.estimates ?? []),
]

const ESTIMATES: ReadonlyArray<Column<PageEstimate>> = [
  { header: "Device", names: true, key: ({ device }) => device, cell: ({ device }) => device },
  { header: "Part", key: ({ parts }) => parts, cell: ({ parts }) => parts },
  {
    header: "Estimate",
    figure: "higher",
    key: ({ estimated }) => estimated,
    cell: ({ estimated }) => bytes(estimated),
  },
  { header: "Found", figure: "higher", key: ({ found }) => found, cell: ({ found }) => bytes(found) },
  { header: "Error", key: ({ error }) => error, cell: ({ error }) => errorText(error) },
  { header: "Basis", key: ({ basis }) => basis, cell: ({ basis }) => basis },
]

type Measured = readonly [metric: string, value: PageValue]

const metricColumns = (run: PageRun, metrics: PageData["metrics"]): ReadonlyArray<Column<Measured>> => {
  const unitOf = (metric: string) => metrics[metric]?.unit ?? ""
  const titleOf = (metric: string) => withUnit(metrics[metric]?.title ?? metric, unitOf(metric))
  const of =
    (show: (figures: Exclude<PageValue, string>, unit: string) => Node | string) =>
    ([metric, value]: Measured) =>
      typeof value === "string" ? MISSING : show(value, unitOf(metric))
  return [
    { header: "Metric", names: true, key: ([metric]) => titleOf(metric), cell: ([metric]) => titleOf(metric) },
    {
      header: "Median",
      figure: "higher",
      key: ([metric]) => figuresOf(run, metric)?.median,
      cell: ([metric, value]) =>
        typeof value === "string" ? `not measured: ${value}` : read(run, figure(value.median, unitOf(metric))),
    },
    {
      header: "95 % interval",
      key: ([, value]) => (typeof value === "string" ? undefined : value.low),
      cell: of(({ high, low }, unit) =>
        low === undefined || high === undefined ? MISSING : read(run, `${figure(low, unit)} to ${figure(high, unit)}`),
      ),
    },
    {
      header: "CV (%)",
      figure: "higher",
      key: ([, value]) => (typeof value === "string" ? undefined : value.cv),
      cell: of(({ cv }) => (cv === undefined ? MISSING : percent(cv))),
    },
    {
      header: "Trials",
      key: ([, value]) => (typeof value === "string" ? undefined : value.trials.length),
      cell: of(({ trials }, unit) =>
        trials.map((trial) => (trial === null ? MISSING : figure(trial, unit))).join(", "),
      ),
    },
  ]
}

/** All about one model: its file, its ratings, its runs, and notes by people. */
export const modelDetails = (data: PageData, model: PageModel, runs: ReadonlyArray<PageRun>): ReadonlyArray<Node> => [
  ...(model.use === undefined ? [] : [element("p", {}, `Intended use: ${model.use}`)]),
  model.facts === undefined ? element("p", {}, "No run recorded yet.") : modelFacts(model.facts),
  ...(["generate", "embed"] as const).flatMap((task) =>
    table(
      "Runs",
      runColumns(data, task),
      runs.filter((run) => run.task === task),
    ),
  ),
  ...(model.superseded === 0
    ? []
    : [
        element(
          "p",
          {},
          `Earlier records replaced by later ones, kept in benchmarks/results/raw: ${model.superseded}.`,
        ),
      ]),
  ...table("Rating", ratingColumns(new Map(runs.map((run) => [run.id, run]))), model.ratings),
  ...(model.notes.length === 0 ? [] : [element("h3", {}, "Notes")]),
  ...model.notes.flatMap((note) => [
    element("pre", { class: "note", tabindex: "0" }, note.text),
    element("p", {}, ...written(note)),
    ...table("Claims of the note", claimColumns(new Map(runs.map((run) => [run.id, run]))), note.claims),
  ]),
]

const written = ({ author, date, href, path }: PageNote): ReadonlyArray<Node | string> => {
  const missing = [...(date === undefined ? ["date"] : []), ...(author === undefined ? ["author"] : [])]
  return [
    `Written ${date === undefined ? "" : `on ${date} `}${author === undefined ? "" : `by ${author} `}in `,
    element("a", { href }, path),
    missing.length === 0 ? "." : `; its head has no ${missing.join(" and no ")}.`,
  ]
}

type Claimed = PageNote["claims"][number]

const claimColumns = (runs: ReadonlyMap<string, PageRun>): ReadonlyArray<Column<Claimed>> => [
  { header: "The note states", names: true, key: ({ claim }) => claim, cell: ({ claim }) => claim },
  {
    header: "The records",
    key: ({ witnesses }) => witnesses.length,
    cell: ({ witnesses }) =>
      witnesses.length === 0
        ? "no run measures it"
        : element(
            "ul",
            {},
            ...witnesses.map(({ run: id, text }) => {
              const run = runs.get(id)
              return element("li", {}, run === undefined ? text : runLink(run, text))
            }),
          ),
  },
  {
    header: "Judgement",
    key: ({ state }) => state,
    cell: ({ state }) => (state === "contradicted" ? element("strong", { class: "invalid" }, "contradicted") : state),
  },
]

const weightsOf = ({ bits, quantization }: { readonly bits?: number; readonly quantization: string }): string =>
  bits === undefined ? quantization : `${quantization} (${significant(bits, 3)} bits per weight)`

const modelFacts = (of: NonNullable<PageModel["facts"]>): Node =>
  facts([
    ["Architecture", of.architecture],
    ["Parameters", of.parameters === undefined ? missing("not reported by its server") : parameters(of.parameters)],
    ["Quantization", weightsOf(of)],
    ["File size", of.fileBytes === undefined ? missing("not reported by its server") : bytes(of.fileBytes)],
    ["Context", of.context === undefined ? missing("not stated in the file") : `${of.context} tokens`],
    ["Licence", of.license ?? missing("not stated in the config")],
  ])

type Rating = PageModel["ratings"][number]

const ratingColumns = (runs: ReadonlyMap<string, PageRun>): ReadonlyArray<Column<Rating>> => [
  { header: "Use case", names: true, key: ({ useCase }) => useCase, cell: ({ useCase }) => useCase },
  {
    header: "Run",
    key: ({ run }) => run,
    cell: ({ run: id }) => {
      const run = runs.get(id)
      return run === undefined ? id : runLink(run, `${run.backend} on ${run.placement}, ${run.scenario}`)
    },
  },
  { header: "Stars", figure: "higher", key: ({ stars }) => stars, cell: starsOf },
]

const starsOf = ({ stars, text }: Rating): Node | string =>
  stars === undefined ? text : element("span", { class: "rated" }, elementOf(starsMark(stars)), ` ${text}`)

const facts = (pairs: ReadonlyArray<readonly [string, Node | string]>): HTMLElement =>
  element(
    "dl",
    { class: "facts" },
    ...pairs.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  )

/** A table, unless it would be empty. */
const table = <Row>(
  caption: string,
  columns: ReadonlyArray<Column<Row>>,
  rows: ReadonlyArray<Row>,
): ReadonlyArray<Node> => {
  if (rows.length === 0) return []
  const made = dataTable(caption, columns)
  made.show(rows)
  return [made.element]
}
