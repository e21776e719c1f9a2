import { figure, MISSING, withUnit } from "../src/format.ts"
import type { PageData, PageRun, PageValue } from "../src/html/PageData.ts"
import type { Column } from "./DataTable.ts"
import { element } from "./element.ts"

/** A metric's figures in a run; `undefined` where it has none. */
export const figuresOf = (run: PageRun, metric: string): Exclude<PageValue, string> | undefined => {
  const value = run.values[metric]
  return value === undefined || typeof value === "string" ? undefined : value
}

/** Why a run has no figure of a metric. */
export const whyMissing = (run: PageRun, metric: string): string => {
  const value = run.values[metric]
  return typeof value === "string" ? value : (run.failure ?? "this run does not measure it")
}

/** A dash that says why: to a pointer, and to a screen reader. */
export const missing = (why: string): HTMLElement =>
  element(
    "span",
    { class: "missing", title: `Not measured: ${why}` },
    element("span", { "aria-hidden": "true" }, MISSING),
    element("span", { class: "unseen" }, `not measured: ${why}`),
  )

/** A figure marked by the run's verdict: struck through if the run is invalid. */
export const read = ({ verdict }: PageRun, shown: string): Node | string =>
  verdict === "invalid"
    ? element("s", { title: "The run is invalid: this figure does not mean what it says" }, shown)
    : shown

/** A column of a metric's medians, where any run has the metric. */
export const metricColumn = ({ metrics }: PageData, metric: string): ReadonlyArray<Column<PageRun>> => {
  const known = metrics[metric]
  if (known === undefined) return []
  return [
    {
      header: withUnit(known.title, known.unit),
      figure: known.better,
      key: (run) => figuresOf(run, metric)?.median,
      cell: (run) => {
        const figures = figuresOf(run, metric)
        return figures === undefined ? missing(whyMissing(run, metric)) : read(run, figure(figures.median, known.unit))
      },
    },
  ]
}
