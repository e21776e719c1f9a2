import { MISSING, significant } from "../src/format.ts"
import type { PageComparison, PageData } from "../src/html/PageData.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import { type Column, dataTable } from "./DataTable.ts"
import { element } from "./element.ts"
import { metricColumn, missing } from "./figures.ts"
import { modelLink, runLink } from "./links.ts"
import { CLOSING } from "./runColumns.ts"

/** A large registry has thousands: this many of a kind are shown at a time. */
const SHOWN = 12
/** The kind that is not folded at first. */
const FIRST = "By quantization"

/** A run beside those that it is compared with. */
type Row = PageComparison["runs"][number] & { readonly of: PageRun }

/** Tables of the shown runs that differ in one thing only. */
export const comparisons = () => {
  const content = element("div", {})
  /** What the reader has folded or unfolded, by kind. */
  const folds = new Map<string, boolean>()
  return {
    content,
    show: (data: PageData, shown: ReadonlyArray<PageRun>) => {
      const runs = new Map(shown.map((run) => [run.id, run]))
      const kinds = [...Map.groupBy(data.comparisons, ({ title }) => title)].flatMap(([title, comparisons]) => {
        const tables = comparisons
          .map((comparison) => ({ comparison, rows: rowsOf(comparison, runs) }))
          .filter(({ rows }) => rows.length > 1)
        const left = tables.length - SHOWN
        if (tables.length === 0) return []
        const kind = element(
          "details",
          { class: "kind" },
          element("summary", {}, element("h3", {}, title), element("span", { class: "small" }, ` ${tables.length}`)),
          ...tables.slice(0, SHOWN).map(({ comparison, rows }) => tableOf(data, comparison, rows)),
          ...(left > 0
            ? [element("p", { class: "small" }, `${left} more: filter above, such as by a model's name.`)]
            : []),
        )
        kind.open = folds.get(title) ?? title === FIRST
        kind.addEventListener("toggle", () => folds.set(title, kind.open))
        return [kind]
      })
      content.replaceChildren(...kinds)
      return kinds.length > 0
    },
  }
}

const rowsOf = ({ runs }: PageComparison, shown: ReadonlyMap<string, PageRun>): ReadonlyArray<Row> =>
  runs.flatMap((row) => {
    const of = shown.get(row.run)
    return of === undefined ? [] : [{ ...row, of }]
  })

const tableOf = (data: PageData, { head, name, shelf }: PageComparison, rows: ReadonlyArray<Row>): HTMLElement => {
  const of = rows.map((row) => row.of)
  const columns: ReadonlyArray<Column<Row>> = [
    ...(head === undefined ? QUANTIZED : size(head)),
    ofRun(PLACEMENT),
    ...data.columns.sizes[shelf]
      .flatMap((metric) => metricColumn(data, metric, of))
      // Not every comparison measures all of them.
      .filter(({ key }) => rows.some(({ of }) => key(of) !== undefined))
      .map(ofRun),
    {
      header: "Relative",
      figure: "higher",
      key: ({ ratio }) => ratio,
      cell: ({ judgement, of, ratio }) =>
        ratio === undefined
          ? missing(of.verdict === "invalid" ? "an invalid run is not compared" : "there is no figure to compare")
          : `${significant(ratio, 3)} × (${judgement})`,
    },
    ...CLOSING.map(ofRun),
  ]
  const table = dataTable(name, columns)
  table.show(rows)
  return table.element
}

const ofRun = ({ cell, key, ...rest }: Column<PageRun>): Column<Row> => ({
  ...rest,
  key: ({ of }) => key(of),
  cell: ({ of }) => cell(of),
})

const PLACEMENT: Column<PageRun> = {
  header: "Placement",
  key: ({ placement }) => placement,
  cell: (run) => runLink(run, run.placement),
}

const size = (header: string): ReadonlyArray<Column<Row>> => [
  {
    header,
    names: true,
    key: (row) => row.size,
    cell: (row) => (row.size === undefined ? MISSING : String(row.size)),
  },
]

const QUANTIZED: ReadonlyArray<Column<Row>> = [
  ofRun({
    header: "Model",
    names: true,
    key: ({ name }) => name,
    cell: ({ model, name }) => modelLink({ id: model, name }),
  }),
  ofRun({
    header: "Quantization (bits per weight)",
    key: ({ bits }) => bits,
    cell: ({ bits, quantization }) => (bits === undefined ? quantization : `${quantization} (${significant(bits, 3)})`),
  }),
]
