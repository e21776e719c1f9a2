import { type Column, dataTable } from "./DataTable.ts"
import { element } from "./element.ts"

/** Names with values. */
export const facts = (pairs: ReadonlyArray<readonly [string, Node | string]>): HTMLElement =>
  element(
    "dl",
    { class: "facts" },
    ...pairs.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
  )

/** A table, unless it would be empty. */
export const table = <Row>(
  caption: string,
  columns: ReadonlyArray<Column<Row>>,
  rows: ReadonlyArray<Row>,
): ReadonlyArray<Node> => {
  if (rows.length === 0) return []
  const made = dataTable(caption, columns)
  made.show(rows)
  return [made.element]
}
