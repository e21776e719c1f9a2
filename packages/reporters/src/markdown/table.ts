import { markdownTable } from "markdown-table"

/** One column: its header and how a row's cell is written, both already markdown. */
export interface Column<Row> {
  readonly header: string
  /** Figures are set to the right. */
  readonly align?: "left" | "right"
  readonly cell: (row: Row) => string
}

/** A table of one row each, or nothing without rows. No cell can break it, whatever is in it. */
export const table = <Row>(columns: ReadonlyArray<Column<Row>>, rows: ReadonlyArray<Row>): string =>
  rows.length === 0
    ? ""
    : markdownTable(
        [
          columns.map(({ header }) => contained(header)),
          ...rows.map((row) => columns.map(({ cell }) => contained(cell(row)))),
        ],
        // Without padding, a new row changes one line of the file instead of all.
        { align: columns.map(({ align }) => (align === "right" ? "r" : "l")), alignDelimiters: false },
      )

/** Most cells hold nothing to contain, and a large registry has a million of them. */
const contained = (cell: string): string =>
  /[\r\n|]/.test(cell) ? cell.replace(/[\r\n]+/g, " ").replaceAll("|", String.raw`\|`) : cell
