import { memoryText, memoryUnit, NBSP } from "../src/Uncertain.ts"
import { countVerdicts, plannedMark, shapeMark, starsMark, verdictTally } from "../src/markup/marks.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import type { Catalog } from "./catalog.ts"
import type { Column } from "./DataTable.ts"
import { element, elementOf } from "./element.ts"
import { figureOf, figuresOf, missing } from "./figures.ts"
import { intervalMark, rangeOf } from "./interval.ts"
import { modelLink, runLink } from "./links.ts"
import { qualityCell } from "./quality.ts"
import type { Selection } from "./selection.ts"
import type { ModelRow } from "./variants.ts"
import { verdictText, WEIGHT } from "./verdict.ts"

type Task = PageRun["task"]
const UNPLANNED = "planned, not measured yet"

/** One row for each variant of a model, by the run that stands for it, and for each planned model. */
export const modelColumns = (catalog: Catalog, selection: Selection): ReadonlyArray<Column<ModelRow>> => {
  const { data } = catalog
  const of = <A>(row: ModelRow, show: (run: PageRun) => A, other: A): A =>
    row.variant === undefined ? other : show(row.run)
  const speedOf = (run: PageRun) => figuresOf(run, data.roles.speed[run.task])
  const ranges = new Map(
    (["generate", "embed"] as const).map((task: Task) => {
      const all = data.variants.map(({ shown }) => data.runs[shown]!).filter((run) => run.task === task)
      return [
        task,
        rangeOf(
          all.flatMap((run) => speedOf(run) ?? []),
          { zero: true },
        ),
      ] as const
    }),
  )
  const memory = memoryUnit([
    ...data.variants.map(({ shown }) => catalog.needs(data.runs[shown]!)),
    ...data.planned.map((planned) => catalog.needs(planned)),
  ])
  return [
    {
      header: "Verdict",
      key: (row) => of(row, (run) => `${WEIGHT[run.verdict]}`, "3"),
      cell: (row) => (row.variant === undefined ? planned() : statusMark(row.run)),
    },
    {
      header: "Model and variant",
      names: true,
      key: (row) => `${row.family.name} ${row.variant === undefined ? row.planned.name : row.variant.label}`,
      cell: nameOf,
    },
    {
      header: "Speed",
      figure: "higher",
      key: (row) => of(row, (run) => speedOf(run)?.median, undefined),
      cell: (row) =>
        of<Node | string>(row, (run) => speedCell(catalog, run, ranges.get(run.task)!), missing(UNPLANNED)),
    },
    {
      header: "First token (ms)",
      figure: "lower",
      wide: true,
      key: (row) => of(row, (run) => figuresOf(run, data.roles.wait.generate)?.median, undefined),
      cell: (row) =>
        of<Node | string>(
          row,
          (run) => figureOf(data, run, data.roles.wait.generate, { unit: false }),
          missing(UNPLANNED),
        ),
    },
    {
      header: "Memory",
      figure: "lower",
      key: (row) => catalog.needs(row.variant === undefined ? row.planned : row.run),
      cell: (row) => {
        if (row.variant !== undefined) return figureOf(data, row.run, data.roles.memory[row.run.task], { memory })
        return row.planned.bytes === undefined
          ? missing("there is no estimate")
          : element(
              "span",
              { class: "estimate", title: "Estimated" },
              `${memoryText(row.planned.bytes, memory)}${NBSP}est.`,
            )
      },
    },
    ...(data.quality.length === 0 ? [] : [qualityColumn(catalog)]),
    {
      header: "Stars",
      figure: "higher",
      wide: true,
      key: (row) => of(row, (run) => starsOf(catalog, run), undefined),
      cell: (row) => {
        const stars = of(row, (run) => starsOf(catalog, run), undefined)
        return stars === undefined
          ? missing("no run of it is rated; its page says why")
          : element(
              "span",
              { class: "rated" },
              elementOf(starsMark(stars)),
              element("span", { class: "unseen" }, `${stars} of 5`),
            )
      },
    },
    {
      header: "Runs",
      figure: "higher",
      wide: true,
      key: (row) => (row.variant === undefined ? 0 : row.runs.length),
      cell: (row) => (row.variant === undefined ? "0" : verdictCounts(row.runs)),
    },
    {
      header: "Compare",
      unsorted: true,
      key: () => undefined,
      cell: (row) => of<Node | string>(row, selection.box, ""),
    },
  ]
}

const qualityColumn = (catalog: Catalog): Column<ModelRow> => ({
  header: "Quality",
  wide: true,
  key: (row) => (row.variant === undefined ? undefined : qualityCell(catalog, row.run)?.median),
  cell: (row) =>
    row.variant === undefined
      ? missing(UNPLANNED)
      : (qualityCell(catalog, row.run)?.node ?? missing("no run of its quality")),
})

const statusMark = (run: PageRun): HTMLElement =>
  element(
    "span",
    { class: `verdict ${run.verdict}`, title: verdictText(run) },
    elementOf(shapeMark(run.verdict)),
    run.verdict,
  )

const planned = (): HTMLElement => element("span", { class: "verdict planned" }, elementOf(plannedMark()), "planned")

const nameOf = (row: ModelRow): Node => {
  if (row.variant === undefined) {
    const { href, name, text, use } = row.planned
    return element(
      "div",
      {},
      element("a", { href }, name),
      element("div", { class: "label" }, text),
      element("div", { class: "label" }, use),
    )
  }
  const { family, run, variant } = row
  return element(
    "div",
    {},
    modelLink({ id: run.model, name: family.name }),
    element("div", { class: "label" }, variant.label),
    element("div", { class: "label" }, runLink(run, run.scenario)),
  )
}

const speedCell = ({ data }: Catalog, run: PageRun, range: Parameters<typeof intervalMark>[1]): Node => {
  const metric = data.roles.speed[run.task]
  const figures = figuresOf(run, metric)
  return element(
    "div",
    { class: "speed" },
    figureOf(data, run, metric),
    ...(figures === undefined ? [] : [intervalMark(figures, range)]),
  )
}

/** The most that the run has for one use case. */
const starsOf = ({ data }: Catalog, run: PageRun): number | undefined =>
  data.models
    .find(({ id }) => id === run.model)
    ?.ratings.reduce<number | undefined>(
      (most, { run: id, stars }) =>
        id !== run.id || stars === undefined || run.verdict !== "valid" ? most : Math.max(most ?? 0, stars),
      undefined,
    )

/** `3 valid 1 suspect`. */
export const verdictCounts = (runs: ReadonlyArray<PageRun>): Node =>
  element("span", { class: "tally" }, ...verdictTally(countVerdicts(runs)).map(elementOf))
