import type { PageRun } from "../src/html/PageRun.ts"
import { type Column, dataTable } from "./DataTable.ts"
import { element } from "./element.ts"
import { read } from "./figures.ts"
import type { Plot } from "./plots.ts"
import { CLOSING, IDENTIFYING, MODEL } from "./runColumns.ts"
import { type Axis, type Look, type Point, type Scatter, scatterPlot } from "./ScatterPlot.ts"

export interface PlotFigure {
  readonly element: HTMLElement
  /** Shows runs, with new data if a plot is given. */
  readonly show: (runs: ReadonlyArray<PageRun>, plot?: Plot) => void
  /** Redraws the plot in other colours. */
  readonly redraw: () => void
}

/**
 * A plot with its title and, for those who can't see it, the same figures as a table. It is drawn when it comes near
 * the screen.
 */
export const plotFigure = (first: Plot, look: () => Look, open: (run: PageRun) => void): PlotFigure => {
  let plot = first
  let runs: ReadonlyArray<PageRun> = []
  let near = false
  let remove = () => {}

  const choice = element("select", {}, ...options(plot))
  const metric = element("label", { class: "metric" }, "Show ", choice)
  metric.hidden = choice.options.length < 2
  choice.addEventListener("change", () => draw())
  const about = element("p", {}, plot.about)
  const canvas = element("div", { class: "canvas", role: "img" })
  const none = element("p", { class: "none", hidden: "" })
  const table = element("details", {}, element("summary", {}, `Figures of the plot: ${plot.title}`))
  const figure = element(
    "figure",
    { id: plot.id, class: "plot" },
    element("figcaption", {}, element("h3", {}, plot.title), about, metric),
    canvas,
    none,
    table,
  )

  const draw = () => {
    if (!near) return
    remove()
    remove = () => {}
    const scatter = plot.of(runs, choice.value)
    const { points, x, y } = scatter
    canvas.hidden = table.hidden = points.length === 0
    none.hidden = points.length > 0
    none.textContent = `Nothing to show: ${plot.empty}.`
    const has = points.length === 1 ? "1 point" : `${points.length} points`
    canvas.setAttribute(
      "aria-label",
      `${plot.title}: ${has}, ${y.title} against ${x.title}. The table below has the figures.`,
    )
    if (points.length > 0) remove = scatterPlot(canvas, scatter, look(), open)
    fillTable(scatter)
  }

  const fillTable = (scatter: Scatter) => {
    table.querySelector(".data")?.remove()
    if (!table.open) return
    const shown = dataTable(plot.title, pointColumns(scatter))
    shown.show(scatter.points)
    table.append(shown.element)
  }
  table.addEventListener("toggle", () => fillTable(plot.of(runs, choice.value)))

  const approach = () => {
    near = true
    draw()
  }
  const watch = new IntersectionObserver(
    ([entry]) => {
      if (entry?.isIntersecting !== true) return
      watch.disconnect()
      approach()
    },
    { rootMargin: "400px" },
  )
  watch.observe(figure)
  // On paper every plot is shown.
  addEventListener("beforeprint", () => {
    if (!near) approach()
  })

  return {
    element: figure,
    show: (all, other = plot) => {
      runs = all
      if (other !== plot) {
        plot = other
        const chosen = choice.value
        const offered = options(plot)
        if (offered.length !== choice.options.length) {
          choice.replaceChildren(...offered)
          if (plot.choices?.some(({ value }) => value === chosen) === true) choice.value = chosen
          metric.hidden = offered.length < 2
        }
      }
      draw()
    },
    redraw: draw,
  }
}

const options = ({ choices = [] }: Plot): ReadonlyArray<HTMLOptionElement> =>
  choices.map(({ label, value }) => element("option", { value }, label))

const pointColumns = ({ x, y }: Scatter): ReadonlyArray<Column<Point>> => [
  ...[MODEL, ...IDENTIFYING].map(ofRun),
  axisColumn(x, (point) => point.x),
  axisColumn(y, (point) => point.y),
  ...CLOSING.map(ofRun),
]

const ofRun = (column: Column<PageRun>): Column<Point> => ({
  ...column,
  key: ({ run }) => column.key(run),
  cell: ({ run }) => column.cell(run),
})

const axisColumn = ({ show, title }: Axis, of: (point: Point) => number): Column<Point> => ({
  header: title,
  figure: "higher",
  key: of,
  cell: (point) => read(point.run, show(of(point))),
})
