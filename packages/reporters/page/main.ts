import "./language.ts"
import "uplot/dist/uPlot.min.css"
import "./page.css"
import type { PageState } from "../src/html/page.ts"
import type { PageData } from "../src/html/PageData.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import { addressOf, following, hashOf, type Opened } from "./address.ts"
import { catalogOf } from "./catalog.ts"
import { comparisons } from "./comparisons.ts"
import { chosen, type Criteria } from "./criteria.ts"
import { criteriaForm } from "./criteriaForm.ts"
import { dataTable } from "./DataTable.ts"
import { datesSection } from "./dates.ts"
import { detailsDialog } from "./DetailsDialog.ts"
import { element, elementOf } from "./element.ts"
import { legend } from "./legend.ts"
import { live } from "./live.ts"
import { modelColumns } from "./modelColumns.ts"
import { navigation } from "./navigation.ts"
import { plotFigure, type PlotFigure } from "./PlotFigure.ts"
import { plotsOf } from "./plots.ts"
import { printWhole } from "./printing.ts"
import { qualityColumns } from "./quality.ts"
import { runColumns } from "./runColumns.ts"
import { selectionOf } from "./selection.ts"
import { themeSwitch } from "./theme.ts"
import { modelRows } from "./variants.ts"

const section = (id: string, title: string, ...children: ReadonlyArray<Node>): HTMLElement =>
  element("section", { id }, element("h2", {}, title), ...children)

const TASKS = ["generate", "embed"] as const
const TITLES = { generate: "Runs of language models", embed: "Runs of embedding models" } as const
const ABOUT_COMPARISONS =
  "Rows of one table differ only in what the table compares. Better and slower mean 5 % or more; flat is within 5 %; unclear if the intervals overlap."

/**
 * Makes the page from its data. Returns a function that shows other data in the same page: the reader's settings stay.
 */
const start = (first: PageData) => {
  let catalog = catalogOf(first)
  let opened: Opened | undefined
  const go = (hash: string) => void (location.hash = hash)
  const open = ({ id }: PageRun) => go(hashOf({ criteria: form.criteria(), open: { kind: "run", id } }))
  // Typing is no step back: the address follows without one.
  const keepAddress = () =>
    history.replaceState(null, "", hashOf({ criteria: form.criteria(), ...(opened && { open: opened }) }))

  const selection = selectionOf(go)
  const form = criteriaForm((criteria) => {
    keepAddress()
    show(criteria)
  })
  const count = element("p", { class: "small", role: "status" })
  const modelTable = dataTable("Models", modelColumns(catalog, selection))
  const qualityTable = dataTable("Quality", qualityColumns(catalog))
  const quality = section("quality", "Quality", qualityTable.element)
  const runTables = TASKS.map((task) => ({ task, table: dataTable(TITLES[task], runColumns(catalog.data, task)) }))
  const key = legend()
  const figures = new Map<string, PlotFigure>()
  const plots = section("plots", "Plots", key.element)
  const beside = comparisons()
  const compared = section(
    "comparisons",
    "Side by side",
    element("p", { class: "small" }, ABOUT_COMPARISONS),
    beside.content,
  )
  const dates = datesSection()

  const show = (criteria: Criteria, stay = false) => {
    const { data } = catalog
    const shown = chosen(catalog, data.runs, criteria)
    const rows = modelRows(catalog, shown, criteria)
    count.textContent = `${rows.length} variants and plans, ${shown.length} of ${data.runs.length} runs`
    modelTable.show(rows, stay)
    const measured = shown.filter((run) => run.quality !== undefined)
    quality.hidden = measured.length === 0
    qualityTable.show(measured, stay)
    for (const { table, task } of runTables) {
      const of = shown.filter((run) => run.task === task && run.quality === undefined)
      table.element.hidden = of.length === 0
      table.show(of, stay)
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
  const header = document.querySelector("body > header")
  header?.append(themeSwitch(redraw))
  document
    .querySelector("#app")
    ?.replaceChildren(
      section("models", "Models", form.element, count, modelTable.element, selection.element),
      quality,
      dates.element,
      plots,
      compared,
      section(
        "runs",
        "All runs",
        element(
          "details",
          { class: "fold" },
          element("summary", {}, "Each run with its figures, its verdict and its record"),
          ...runTables.map(({ table }) => table.element),
        ),
      ),
    )
  const dialog = detailsDialog(
    () => catalog,
    (shown) => {
      // By now the address may name what is opened next.
      if (location.hash !== hashOf({ criteria: form.criteria(), open: shown })) return
      opened = undefined
      keepAddress()
    },
  )
  document.body.append(dialog.element)
  const nav = navigation()
  header?.append(nav.element)

  const offer = () => {
    key.show(catalog.data.runs)
    form.offer(catalog.data)
    dates.show(catalog)
  }
  const follow = () => {
    const next = following(form.criteria(), location.hash)
    // A link to a part of the page: what is chosen stays, and the address keeps it when it changes next.
    if (next === undefined) return
    opened = next.open
    if (hashOf(next) !== location.hash && location.hash !== "") keepAddress()
    const changed = hashOf({ criteria: next.criteria }) !== hashOf({ criteria: form.criteria() })
    form.show(next.criteria)
    if (changed) show(next.criteria)
    dialog.show(next.open)
  }
  offer()
  form.show(addressOf(location.hash)?.criteria ?? form.criteria())
  show(form.criteria())
  nav.show()
  addEventListener("hashchange", follow)
  queueMicrotask(follow)
  printWhole()

  return ({ data: next, parts }: PageState) => {
    catalog = catalogOf(next)
    for (const part of Object.values(parts)) {
      const old = document.querySelector(`#${part.attributes["id"]}`)
      // Unchanged parts keep the reader's position, and what is unfolded.
      const made = elementOf(part)
      if (old?.isEqualNode(made) === false) old.replaceWith(made)
    }
    modelTable.change(modelColumns(catalog, selection))
    qualityTable.change(qualityColumns(catalog))
    for (const { table, task } of runTables) table.change(runColumns(catalog.data, task))
    offer()
    show(form.criteria(), true)
    nav.show()
  }
}

// The script makes its own data: `PageData`, written by the same version of the same package.
const update = start(JSON.parse(document.querySelector("#data")?.textContent ?? "") as PageData)
if ("live" in document.documentElement.dataset) live(update)
