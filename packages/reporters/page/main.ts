import "./language.ts"
import "uplot/dist/uPlot.min.css"
import "./page.css"
import type { PageState } from "../src/html/page.ts"
import type { PageData, PageModel, PageRun } from "../src/html/PageData.ts"
import { comparisons } from "./comparisons.ts"
import { chosen, isAny, type Criteria } from "./criteria.ts"
import { criteriaForm } from "./criteriaForm.ts"
import { dataTable } from "./DataTable.ts"
import { detailsDialog } from "./DetailsDialog.ts"
import { element, elementOf } from "./element.ts"
import { legend } from "./legend.ts"
import { address } from "./links.ts"
import { live } from "./live.ts"
import { modelColumns } from "./modelColumns.ts"
import { plotFigure, type PlotFigure } from "./PlotFigure.ts"
import { plotsOf } from "./plots.ts"
import { runColumns } from "./runColumns.ts"
import { themeSwitch } from "./theme.ts"

const section = (id: string, title: string, ...children: ReadonlyArray<Node>): HTMLElement =>
  element("section", { id }, element("h2", {}, title), ...children)

const TASKS = ["generate", "embed"] as const
const TITLES = { generate: "Runs of language models", embed: "Runs of embedding models" } as const

/**
 * Makes the page from its data. Returns a function that shows other data in the same page: the reader's settings stay.
 */
const start = (first: PageData) => {
  let data = first
  let runsOf = Map.groupBy(data.runs, ({ model }) => model)
  const open = ({ id }: PageRun) => void (location.hash = address("run", id))

  const form = criteriaForm((criteria) => show(criteria))
  const modelTable = dataTable("Models", modelColumns(data, runsOf))
  const runTables = TASKS.map((task) => ({ task, table: dataTable(TITLES[task], runColumns(data, task)) }))
  const key = legend()
  const figures = new Map<string, PlotFigure>()
  const plots = section("plots", "Plots", key.element)
  const beside = comparisons()
  const compared = section(
    "comparisons",
    "Side by side",
    element(
      "p",
      { class: "small" },
      "Rows of one table differ only in what the table compares. Better and slower mean 5 % or more; flat is within 5 %; unclear if the intervals overlap.",
    ),
    beside.content,
  )

  const show = (criteria: Criteria, stay = false) => {
    const { models, runs } = data
    const shown = chosen(runs, criteria)
    const ids = new Set(shown.map(({ model }) => model))
    const named = isAny(criteria) ? models : models.filter((model) => ids.has(model.id) || isNamed(model, criteria))
    modelTable.show(named, stay)
    for (const { table, task } of runTables) {
      table.element.hidden = runs.every((run) => run.task !== task)
      table.show(
        shown.filter((run) => run.task === task),
        stay,
      )
    }
    compared.hidden = !beside.show(data, shown)
    for (const plot of plotsOf(data)) {
      const known = figures.get(plot.id) ?? plotFigure(plot, key.look, open)
      if (!figures.has(plot.id)) plots.append(known.element)
      figures.set(plot.id, known)
      known.show(shown, plot)
    }
  }

  const redraw = () => figures.forEach((figure) => figure.redraw())
  document.querySelector("body > header")?.append(themeSwitch(redraw))
  document
    .querySelector("#app")
    ?.replaceChildren(
      form.element,
      section("models", "Models", modelTable.element),
      section("runs", "Runs", ...runTables.map(({ table }) => table.element)),
      compared,
      plots,
    )
  document.body.append(detailsDialog(() => data))

  const offer = () => {
    key.show(data.runs)
    form.offer(data.runs)
  }
  offer()
  show(form.criteria())

  return ({ data: next, parts }: PageState) => {
    data = next
    runsOf = Map.groupBy(data.runs, ({ model }) => model)
    for (const part of Object.values(parts)) {
      const old = document.querySelector(`#${part.attributes["id"]}`)
      // Unchanged parts keep the reader's position, and what is unfolded.
      const made = elementOf(part)
      if (old?.isEqualNode(made) === false) old.replaceWith(made)
    }
    modelTable.change(modelColumns(data, runsOf))
    for (const { table, task } of runTables) table.change(runColumns(data, task))
    offer()
    show(form.criteria(), true)
  }
}

/** A model without a run is found by its name. */
const isNamed = ({ facts, name }: PageModel, { backend, host, task, text, verdict }: Criteria): boolean =>
  facts === undefined &&
  [backend, host, task, verdict].every((choice) => choice === "") &&
  text !== "" &&
  name.toLowerCase().includes(text.toLowerCase())

// The script makes its own data: `PageData`, written by the same version of the same package.
const update = start(JSON.parse(document.querySelector("#data")?.textContent ?? "") as PageData)
if ("live" in document.documentElement.dataset) live(update)
