import { figure, MISSING, percent, rangeText, withUnit } from "../src/format.ts"
import type { PageData } from "../src/html/PageData.ts"
import type { PageRun, PageValue } from "../src/html/PageRun.ts"
import { memoryUnit, uncertain } from "../src/Uncertain.ts"
import { type Column, dataTable } from "./DataTable.ts"
import { element } from "./element.ts"
import { read } from "./figures.ts"
import { intervalMark, rangeOf } from "./interval.ts"

type Figures = Exclude<PageValue, string>
type Measured = readonly [metric: string, figures: Figures]

/** A run's figures with their trials, and what it has no figure of, with the reason. */
export const measuredNodes = ({ metrics }: PageData, run: PageRun): ReadonlyArray<Node> => {
  const measured = Object.entries(run.values).flatMap(([metric, value]): ReadonlyArray<Measured> =>
    typeof value === "string" ? [] : [[metric, value]],
  )
  const absent = Object.entries(run.values).flatMap(([metric, value]) =>
    typeof value === "string" ? [{ title: metrics[metric]?.title ?? metric, why: value }] : [],
  )
  const table = dataTable("Figures", columnsOf(run, metrics), 100)
  table.show(measured)
  return [
    ...(measured.length === 0 ? [] : [table.element, everyTrial(run, metrics, measured)]),
    ...(absent.length === 0
      ? []
      : [
          element(
            "details",
            { class: "small" },
            element("summary", {}, `${absent.length} figures that it has not, and why`),
            element(
              "ul",
              {},
              ...[...Map.groupBy(absent, ({ why }) => why)].map(([why, all]) =>
                element("li", {}, `not measured: ${why}: ${all.map(({ title }) => title).join(", ")}`),
              ),
            ),
          ),
        ]),
  ]
}

const nameColumn = (metrics: PageData["metrics"]): Column<Measured> => {
  const titleOf = ([metric]: Measured) => withUnit(metrics[metric]?.title ?? metric, metrics[metric]?.unit ?? "")
  return { header: "Metric", names: true, key: titleOf, cell: titleOf }
}

/** The ends of the intervals, and each trial's value. */
const everyTrial = (run: PageRun, metrics: PageData["metrics"], measured: ReadonlyArray<Measured>): HTMLElement => {
  const unitOf = (metric: string) => metrics[metric]?.unit ?? ""
  const table = dataTable<Measured>(
    "Intervals and every trial",
    [
      nameColumn(metrics),
      {
        header: "95 % interval",
        key: ([, { low }]) => low,
        cell: ([metric, { high, low }]) =>
          low === undefined || high === undefined ? MISSING : read(run, rangeText(low, high, unitOf(metric))),
      },
      {
        header: "Trials",
        key: ([, { trials }]) => trials.length,
        cell: ([metric, { trials }]) => {
          const memory = memoryUnit(trials.map((trial) => trial ?? undefined))
          return trials.map((trial) => (trial === null ? MISSING : figure(trial, unitOf(metric), memory))).join(", ")
        },
      },
    ],
    100,
  )
  table.show(measured)
  return element("details", { class: "small" }, element("summary", {}, "Intervals and every trial"), table.element)
}

const columnsOf = (run: PageRun, metrics: PageData["metrics"]): ReadonlyArray<Column<Measured>> => {
  const unitOf = (metric: string) => metrics[metric]?.unit ?? ""
  return [
    nameColumn(metrics),
    {
      header: "Median",
      figure: "higher",
      key: ([, { median }]) => median,
      cell: ([metric, figures]) => read(run, uncertain(figures, unitOf(metric))),
    },
    {
      header: "Trials, drawn",
      unsorted: true,
      wide: true,
      key: () => undefined,
      cell: ([, figures]) => intervalMark(figures, rangeOf([figures], { trials: true }), { dots: true }),
    },
    {
      header: "CV (%)",
      figure: "higher",
      key: ([, { cv }]) => cv,
      cell: ([, { cv }]) => (cv === undefined ? MISSING : percent(cv)),
    },
  ]
}
