import "uplot/dist/uPlot.min.css"
import "./page.css"
import { withUnit } from "../src/format.ts"
import type { PageData, PageModel, PageRun } from "../src/html/PageData.ts"
import { ANY, chosen, isAny, type Criteria } from "./criteria.ts"
import { criteriaForm } from "./criteriaForm.ts"
import { dataTable } from "./DataTable.ts"
import { detailsDialog } from "./DetailsDialog.ts"
import { element } from "./element.ts"
import { legend } from "./legend.ts"
import { address } from "./links.ts"
import { modelColumns } from "./modelColumns.ts"
import { plotFigure } from "./PlotFigure.ts"
import { plotsOf, trialPlot } from "./plots.ts"
import { runColumns } from "./runColumns.ts"
import { themeSwitch } from "./theme.ts"

const section = (id: string, title: string, ...children: ReadonlyArray<Node>): HTMLElement =>
  element("section", { id }, element("h2", {}, title), ...children)

const TITLES = { generate: "Runs of language models", embed: "Runs of embedding models" } as const

const start = (data: PageData) => {
  const { models, runs } = data
  const runsOf = Map.groupBy(runs, ({ model }) => model)
  const open = ({ id }: PageRun) => void (location.hash = address("run", id))

  const modelTable = dataTable("Models", modelColumns(data, runsOf))
  const runTables = (["generate", "embed"] as const)
    .filter((task) => runs.some((run) => run.task === task))
    .map((task) => ({ task, table: dataTable(TITLES[task], runColumns(data, task)) }))

  const { element: key, look } = legend(runs)
  const plots = plotsOf(data).map((plot) => plotFigure(plot, look, open))
  const trials = trialsFigure(data, look, open)
  const figures = [...plots, ...(trials === undefined ? [] : [trials])]

  const show = (criteria: Criteria) => {
    const shown = chosen(runs, criteria)
    const ids = new Set(shown.map(({ model }) => model))
    modelTable.show(isAny(criteria) ? models : models.filter((model) => ids.has(model.id) || isNamed(model, criteria)))
    for (const { table, task } of runTables) table.show(shown.filter((run) => run.task === task))
    for (const figure of figures) figure.show(shown)
  }

  document.querySelector("body > header")?.append(themeSwitch(() => figures.forEach(({ redraw }) => redraw())))
  document
    .querySelector("#app")
    ?.replaceChildren(
      criteriaForm(runs, show),
      section("models", "Models", modelTable.element),
      section("runs", "Runs", ...runTables.map(({ table }) => table.element)),
      section("plots", "Plots", key, ...figures.map((figure) => figure.element)),
    )
  document.body.append(detailsDialog(data))
  show(ANY)
}

/** A model that has no run yet is found by its name. */
const isNamed = ({ facts, name }: PageModel, { backend, host, task, text, verdict }: Criteria): boolean =>
  facts === undefined &&
  [backend, host, task, verdict].every((choice) => choice === "") &&
  text !== "" &&
  name.toLowerCase().includes(text.toLowerCase())

/** The plot of trials, and the choice of its metric. */
const trialsFigure = (data: PageData, look: Parameters<typeof plotFigure>[1], open: (run: PageRun) => void) => {
  const metrics = Object.entries(data.metrics)
  const [first] = metrics
  if (first === undefined) return undefined
  const select = element(
    "select",
    {},
    ...metrics.map(([id, { title, unit }]) => element("option", { value: id }, withUnit(title, unit))),
  )
  const choice = element("label", { class: "metric" }, "Metric ", select)
  const figure = plotFigure(trialPlot(data, first[0]), look, open, choice)
  select.addEventListener("change", () => figure.change(trialPlot(data, select.value)))
  return figure
}

// The script makes its own data: `PageData`, written by the same version of the same package.
start(JSON.parse(document.querySelector("#data")?.textContent ?? "") as PageData)
