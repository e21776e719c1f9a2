import type { PageRun } from "../src/html/PageRun.ts"
import { type Catalog, cellOf } from "./catalog.ts"
import { comparePairs, type Compared } from "./compare.ts"
import { changeText, lineOf, wordOf } from "./compareDetails.ts"
import { dataTable } from "./DataTable.ts"
import { element } from "./element.ts"

interface Row extends Compared {
  readonly a: PageRun
  readonly b: PageRun
}

/** The latest run of each cell up to a date: its runs are in time. Pure. */
export const stateAt = ({ data }: Pick<Catalog, "data">, date: string): ReadonlyMap<string, PageRun> => {
  const inTime = [...data.runs, ...data.earlier]
    .filter(({ started }) => started <= date)
    .toSorted((a, b) => (a.started < b.started || (a.started === b.started && a.id < b.id) ? -1 : 1))
  return new Map(inTime.map((run) => [cellOf(run), run]))
}

/** Cells of which both dates have a run, and not the same. Pure. */
export const pairsBetween = (
  catalog: Pick<Catalog, "data">,
  from: string,
  to: string,
): ReadonlyArray<readonly [PageRun, PageRun]> => {
  const before = stateAt(catalog, from)
  return [...stateAt(catalog, to)].flatMap(([cell, run]) => {
    const old = before.get(cell)
    return old === undefined || old.id === run.id ? [] : [[old, run] as const]
  })
}

/** The registry at two dates: what became better or worse between them. Shown where runs were replaced. */
export const datesSection = () => {
  let catalog: Catalog | undefined
  const [from, to] = [element("select", {}), element("select", {})]
  const summary = element("p", { role: "status" })
  const rows = element("div", {})
  const shell = element(
    "section",
    { id: "dates" },
    element("h2", {}, "Two dates compared"),
    element("p", { class: "choices" }, element("label", {}, "From ", from), " ", element("label", {}, "to ", to)),
    summary,
    rows,
  )
  const show = () => {
    if (catalog === undefined) return
    const of = catalog
    const pairs = comparePairs(of.data, pairsBetween(of, from.value, to.value))
    const all = pairs.flatMap(({ a, b, metrics }) => metrics.map((metric): Row => ({ a, b, ...metric })))
    const count = (word: string) => all.filter(({ difference }) => wordOf(difference) === word).length
    const refused = pairs.filter((pair) => pair.refused.length > 0).length
    summary.textContent =
      pairs.length === 0
        ? "No cell was measured again between these dates."
        : `${pairs.length} cells were measured again. Of ${all.length} figures ${count("better")} are better, ${count("worse")} worse, ${count("same within 5 %")} the same within 5 %, ${count("inconclusive")} inconclusive, ${count("too few trials to tell")} have too few trials.${refused === 0 ? "" : ` ${refused} could not be compared.`}`
    const table = dataTable<Row>("Figures of runs that were measured again", [
      {
        header: "Run",
        names: true,
        key: ({ b }) => `${b.name} ${b.scenario}`,
        cell: ({ a, b }) =>
          element(
            "a",
            { href: `#compare=${encodeURIComponent(a.id)},${encodeURIComponent(b.id)}` },
            `${b.name}, ${b.scenario}`,
          ),
      },
      {
        header: "Figure",
        key: ({ metric }) => of.data.metrics[metric]?.title,
        cell: ({ metric }) => of.data.metrics[metric]?.title ?? metric,
      },
      {
        header: "Before",
        figure: "higher",
        key: () => undefined,
        cell: ({ a, metric }) => lineOf(of, a, metric),
        unsorted: true,
      },
      {
        header: "After",
        figure: "higher",
        key: () => undefined,
        cell: ({ b, metric }) => lineOf(of, b, metric),
        unsorted: true,
      },
      {
        header: "Change",
        figure: "higher",
        key: ({ difference }) => difference.change?.estimate,
        cell: ({ difference }) => changeText(difference),
      },
      {
        header: "Result",
        key: ({ difference }) => ORDER.indexOf(wordOf(difference)),
        cell: ({ difference }) => wordOf(difference),
      },
      {
        header: "Engine",
        key: ({ b }) => b.runtime,
        cell: ({ a, b }) => (a.runtime === b.runtime ? b.runtime : `${a.runtime} → ${b.runtime}`),
      },
    ])
    table.show(all.toSorted((x, y) => ORDER.indexOf(wordOf(x.difference)) - ORDER.indexOf(wordOf(y.difference))))
    rows.replaceChildren(...(all.length === 0 ? [] : [table.element]))
  }
  from.addEventListener("change", show)
  to.addEventListener("change", show)
  return {
    element: shell,
    show: (next: Catalog) => {
      catalog = next
      const { earlier, runs } = next.data
      shell.hidden = earlier.length === 0
      if (earlier.length === 0) return
      const dates = [...new Set([...runs, ...earlier].map(({ started }) => started))].toSorted()
      const [was, is] = [from.value, to.value]
      for (const select of [from, to])
        select.replaceChildren(...dates.map((date) => element("option", { value: date }, date)))
      from.value = dates.includes(was) ? was : dates[0]!
      to.value = dates.includes(is) ? is : dates.at(-1)!
      show()
    },
  }
}

const ORDER = ["worse", "better", "inconclusive", "too few trials to tell", "same within 5 %"]
