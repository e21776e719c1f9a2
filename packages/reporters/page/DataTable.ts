import { button, element } from "./element.ts"
import { type Direction, type Key, ordered } from "./order.ts"

export interface Column<Row> {
  readonly header: string
  readonly key: (row: Row) => Key
  readonly cell: (row: Row) => Node | string
  /** Figures are set to the right, and sorted from the highest first unless lower is better. */
  readonly figure?: "higher" | "lower"
  /** The cell that names its row. */
  readonly names?: true
}

export interface DataTable<Row> {
  readonly element: HTMLElement
  readonly show: (rows: ReadonlyArray<Row>) => void
}

const PAGE_SIZES = [25, 100, 1000] as const

interface View {
  readonly sort?: { readonly column: number; readonly direction: Direction }
  readonly page: number
  readonly size: number
}

/** A table that is sorted by its headers and shows a page of its rows at a time, however many there are. */
export const dataTable = <Row>(
  caption: string,
  columns: ReadonlyArray<Column<Row>>,
  size: number = PAGE_SIZES[0],
): DataTable<Row> => {
  let rows: ReadonlyArray<Row> = []
  let sorted: ReadonlyArray<Row> = []
  let view: View = { page: 0, size }

  const headers = columns.map(({ figure, header }, column) => {
    const first: Direction = figure === "higher" ? "descending" : "ascending"
    const sort = button(header, () => {
      const { sort: before } = view
      const turned = first === "ascending" ? "descending" : "ascending"
      const direction = before?.column === column && before.direction === first ? turned : first
      change({ ...view, page: 0, sort: { column, direction } })
    })
    return element("th", { scope: "col", ...(figure === undefined ? {} : { class: "figure" }) }, sort)
  })
  const body = element("tbody")
  const table = element(
    "table",
    {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...headers)),
    body,
  )
  const status = element("span", { role: "status" })
  const previous = button("Previous", () => change({ ...view, page: view.page - 1 }))
  const next = button("Next", () => change({ ...view, page: view.page + 1 }))
  const sizes = element(
    "select",
    { "aria-label": `Rows a page: ${caption}` },
    ...PAGE_SIZES.map((count) => element("option", { value: String(count) }, `${count} rows`)),
  )
  sizes.value = String(size)
  sizes.addEventListener("change", () => change({ ...view, page: 0, size: Number(sizes.value) }))
  const pager = element("div", { class: "pager" }, status, previous, next, sizes)

  const change = (to: View) => {
    view = to
    const by = to.sort && columns[to.sort.column]
    sorted = by === undefined || to.sort === undefined ? rows : ordered(rows, by.key, to.sort.direction)
    headers.forEach((header, column) => {
      if (to.sort?.column === column) header.setAttribute("aria-sort", to.sort.direction)
      else header.removeAttribute("aria-sort")
    })
    const from = to.page * to.size
    const shown = sorted.slice(from, from + to.size)
    body.replaceChildren(...shown.map(rowOf))
    status.textContent = sorted.length === 0 ? "No rows" : `${from + 1} to ${from + shown.length} of ${sorted.length}`
    previous.disabled = to.page === 0
    next.disabled = from + to.size >= sorted.length
    pager.classList.toggle("whole", sorted.length <= PAGE_SIZES[0])
  }

  const rowOf = (row: Row): HTMLTableRowElement =>
    element(
      "tr",
      {},
      ...columns.map(({ cell, figure, names }) =>
        names === true
          ? element("th", { scope: "row" }, cell(row))
          : element("td", figure === undefined ? {} : { class: "figure" }, cell(row)),
      ),
    )

  return {
    element: element(
      "div",
      { class: "data" },
      // Scrolled sideways by keyboard too, where it is wider than the screen.
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, table),
      pager,
    ),
    show: (all) => {
      rows = all
      change({ ...view, page: 0 })
    },
  }
}
