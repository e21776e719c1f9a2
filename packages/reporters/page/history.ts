import { withUnit } from "../src/format.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import type { Catalog } from "./catalog.ts"
import { dataTable } from "./DataTable.ts"
import { element } from "./element.ts"
import { figureOf, figuresOf, memoryOf } from "./figures.ts"
import { intervalMark, rangeOf } from "./interval.ts"
import { runLink } from "./links.ts"
import { verdictMark } from "./verdict.ts"

/** A figure over the dates and engine versions at which this cell was measured; nothing where it was measured once. */
export const historySection = (catalog: Catalog, run: PageRun): ReadonlyArray<Node> => {
  const { data } = catalog
  const runs = catalog.historyOf(run)
  if (runs.length < 2) return []
  const metrics = Object.keys(data.metrics).filter((metric) => runs.filter((of) => figuresOf(of, metric)).length > 1)
  const speed = data.roles.speed[run.task]
  const choice = element(
    "select",
    {},
    ...metrics.map((metric) => {
      const { title, unit } = data.metrics[metric]!
      return element("option", { value: metric }, withUnit(title, unit))
    }),
  )
  choice.value = metrics.includes(speed) ? speed : (metrics[0] ?? "")
  const place = element("div", {})
  const show = () => {
    const metric = choice.value
    const range = rangeOf(runs.flatMap((of) => figuresOf(of, metric) ?? []))
    const memory = memoryOf(runs, metric)
    const table = dataTable<PageRun>("History of the figure", [
      {
        header: "Date",
        names: true,
        key: ({ id, started }) => `${started} ${id}`,
        cell: (of) => (of.id === run.id ? `${of.started}, this run` : runLink(of, of.started)),
      },
      { header: "Engine", key: ({ runtime }) => runtime, cell: ({ runtime }) => runtime },
      {
        header: "Median",
        figure: "higher",
        key: (of) => figuresOf(of, metric)?.median,
        cell: (of) => figureOf(data, of, metric, { memory }),
      },
      {
        header: "Drawn",
        wide: true,
        unsorted: true,
        key: () => undefined,
        cell: (of) => {
          const figures = figuresOf(of, metric)
          return figures === undefined ? "" : intervalMark(figures, range)
        },
      },
      { header: "Verdict", key: ({ verdict }) => verdict, cell: verdictMark },
      {
        header: "Compare",
        unsorted: true,
        key: () => undefined,
        cell: (of) =>
          of.id === run.id
            ? ""
            : element(
                "a",
                {
                  href: `#compare=${encodeURIComponent(of.id)},${encodeURIComponent(run.id)}`,
                  "aria-label": `Compare the run of ${of.started} with this one`,
                },
                "compare",
              ),
      },
    ])
    table.show(runs)
    place.replaceChildren(table.element)
  }
  choice.addEventListener("change", show)
  show()
  return [element("h3", {}, "History"), element("p", {}, element("label", {}, "Figure ", choice)), place]
}
