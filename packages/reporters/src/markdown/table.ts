/** One column: its header and how a row's cell is written, both already markdown. */
export interface Column<Row> {
  readonly header: string
  /** Figures are right-aligned. */
  readonly align?: "left" | "right"
  readonly cell: (row: Row) => string
}

/** A table of one row each, or nothing without rows. No cell can break it, whatever is in it. */
export const table = <Row>(columns: ReadonlyArray<Column<Row>>, rows: ReadonlyArray<Row>): string =>
  rows.length === 0
    ? ""
    : [
        line(columns, ({ header }) => contained(header)),
        line(columns, ({ align }) => (align === "right" ? "-:" : ":-")),
        ...rows.map((row) => line(columns, ({ cell }) => contained(cell(row)))),
      ].join("\n")

/** Without padding, a new row changes one line of the file instead of all. */
const line = <Row>(columns: ReadonlyArray<Column<Row>>, show: (column: Column<Row>) => string): string => {
  let text = "|"
  for (const column of columns) {
    const cell = show(column)
    text += cell === "" ? " |" : ` ${cell} |`
  }
  return text
}

/** Most cells have nothing to escape, and a large registry has a million of them. */
const contained = (cell: string): string =>
  /[\r\n|]/.test(cell) ? cell.replace(/[\r\n]+/g, " ").replaceAll("|", String.raw`\|`) : cell
