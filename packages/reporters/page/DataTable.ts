import { button, element } from "./element.ts"
import { onPrint } from "./printing.ts"
import { type Direction, type Key, ordered } from "./order.ts"

export interface Column<Row> {
  readonly header: string
  readonly key: (row: Row) => Key
  readonly cell: (row: Row) => Node | string
  /** Figures are right-aligned, and sorted from the highest first unless lower is better. */
  readonly figure?: "higher" | "lower"
  /** The cell that names its row. */
  readonly names?: true
  /** Left out on narrow screens. */
  readonly wide?: true
  /** Not sorted by it. */
  readonly unsorted?: true
}

export interface DataTable<Row> {
  readonly element: HTMLElement
  /** Shows rows, from the first page unless `stay` keeps the reader's page. */
  readonly show: (rows: ReadonlyArray<Row>, stay?: boolean) => void
  /** Changes the columns; the sorting stays. They are shown with the next rows. */
  readonly change: (columns: ReadonlyArray<Column<Row>>) => void
}

const classesOf = ({ figure, wide }: Pick<Column<never>, "figure" | "wide">): Readonly<Record<string, string>> => {
  const names = [...(figure === undefined ? [] : ["figure"]), ...(wide === true ? ["wide"] : [])]
  return names.length === 0 ? {} : { class: names.join(" ") }
}

/** On paper all rows are shown, up to so many. */
const PRINTED = 1000

const PAGE_SIZES = [25, 100, 1000] as const

interface View {
  readonly sort?: { readonly header: string; readonly direction: Direction }
  readonly page: number
  readonly size: number
}

/** A table that is sorted by its headers and shows a page of its rows at a time, however many there are. */
export const dataTable = <Row>(
  caption: string,
  first: ReadonlyArray<Column<Row>>,
  size: number = PAGE_SIZES[0],
): DataTable<Row> => {
  let columns = first
  let rows: ReadonlyArray<Row> = []
  let sorted: ReadonlyArray<Row> = []
  let view: View = { page: 0, size }

  const headerOf = (column: Column<Row>): HTMLTableCellElement => {
    const { figure, header } = column
    const attributes = { scope: "col", ...classesOf(column) }
    if (column.unsorted === true) return element("th", attributes, element("span", {}, header))
    const usual: Direction = figure === "higher" ? "descending" : "ascending"
    const sort = button(header, () => {
      const { sort: before } = view
      const turned = usual === "ascending" ? "descending" : "ascending"
      const direction = before?.header === header && before.direction === usual ? turned : usual
      show({ ...view, page: 0, sort: { header, direction } })
    })
    return element("th", attributes, sort)
  }
  const headers = element("tr", {}, ...columns.map(headerOf))
  const body = element("tbody")
  const table = element("table", {}, element("caption", {}, caption), element("thead", {}, headers), body)
  const status = element("span", { role: "status" })
  const previous = button("Previous", () => show({ ...view, page: view.page - 1 }))
  const next = button("Next", () => show({ ...view, page: view.page + 1 }))
  const sizes = element(
    "select",
    { "aria-label": `Rows a page: ${caption}` },
    ...PAGE_SIZES.map((count) => element("option", { value: String(count) }, `${count} rows`)),
  )
  sizes.value = String(size)
  sizes.addEventListener("change", () => show({ ...view, page: 0, size: Number(sizes.value) }))
  const pager = element("div", { class: "pager" }, status, previous, next, sizes)

  const show = (to: View) => {
    const by = columns.find(({ header }) => header === to.sort?.header)
    sorted = by === undefined || to.sort === undefined ? rows : ordered(rows, by.key, to.sort.direction)
    const last = Math.max(0, Math.ceil(sorted.length / to.size) - 1)
    view = { ...to, page: Math.min(to.page, last) }
    for (const [at, header] of [...headers.children].entries()) {
      if (by !== undefined && columns[at] === by) header.setAttribute("aria-sort", to.sort?.direction ?? "none")
      else header.removeAttribute("aria-sort")
    }
    const from = view.page * to.size
    const shown = sorted.slice(from, from + to.size)
    body.replaceChildren(...shown.map(rowOf))
    status.textContent = sorted.length === 0 ? "No rows" : `${from + 1} to ${from + shown.length} of ${sorted.length}`
    previous.disabled = view.page === 0
    next.disabled = from + to.size >= sorted.length
    pager.classList.toggle("whole", sorted.length > 0 && sorted.length <= PAGE_SIZES[0])
  }

  const rowOf = (row: Row): HTMLTableRowElement =>
    element(
      "tr",
      {},
      ...columns.map((column) =>
        column.names === true
          ? element("th", { scope: "row" }, column.cell(row))
          : element("td", classesOf(column), column.cell(row)),
      ),
    )

  const shell = element(
    "div",
    { class: "data" },
    // Can be scrolled horizontally by keyboard too, if it is wider than the screen.
    element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, table),
    pager,
  )
  onPrint(shell, () => {
    const before = view
    if (sorted.length > view.size) show({ ...view, page: 0, size: PRINTED })
    return () => show(before)
  })

  return {
    element: shell,
    show: (all, stay = false) => {
      rows = all
      show({ ...view, page: stay ? view.page : 0 })
    },
    change: (others) => {
      const same = others.every(({ header }, at) => columns[at]?.header === header) && others.length === columns.length
      columns = others
      if (!same) headers.replaceChildren(...columns.map(headerOf))
    },
  }
}
