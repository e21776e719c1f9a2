import { equivalencesOf, judgedTogether, type Reporter, type RunRecord } from "@rigbook/core"
import { stringify } from "csv-stringify/sync"
import { inTime } from "../order.ts"
import { type Cell, CSV_COLUMNS, csvRows, plannedRows, type Row, type Standing } from "./rows.ts"

/** Exact figures for spreadsheets, one row for each metric of a record. Missing is an empty cell with its reason. */
export const csv: Reporter = {
  id: "csv",
  extension: "csv",
  registry: ({ entries, planned, stale }) => {
    const families = new Map(entries.flatMap(({ family, records }) => records.map(({ id }) => [id, family] as const)))
    const records = entries.flatMap((entry) => entry.records)
    const standing = ({ id }: RunRecord): Standing => ({
      family: families.get(id) ?? null,
      stale: stale.get(id)?.join("; ") ?? null,
    })
    return `${print(records, standing)}${planned.flatMap(plannedRows).map(rowWriter()).join("")}`
  },
  report: (records) =>
    print(judgedTogether(inTime(records), equivalencesOf(records)), () => ({ family: null, stale: null })),
}

const print = (records: ReadonlyArray<RunRecord>, standing: (record: RunRecord) => Standing): string => {
  const write = rowWriter()
  const lines = records.map((record) => csvRows(record, standing(record)).map(write).join(""))
  return `${CSV_COLUMNS.join(",")}\n${lines.join("")}`
}

/** Most texts need neither quotes nor an apostrophe: a large registry has millions of them. */
const PLAIN = /^[A-Za-z0-9](?:[A-Za-z0-9 ._:/%+-]*)$/

/** Writes rows, each with its line break. What a library has written once is kept. */
const rowWriter = () => {
  const known = new Map<string, string>()
  const cellOf = (cell: Cell): string => {
    if (cell === null) return ""
    if (typeof cell === "number" || PLAIN.test(cell)) return String(cell)
    const written = known.get(cell) ?? stringify([[cell]], OPTIONS)
    known.set(cell, written)
    return written
  }
  return (row: Row): string => `${CSV_COLUMNS.map((column) => cellOf(row[column])).join(",")}\n`
}

const OPTIONS = {
  // Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers, negative ones too.
  escape_formulas: true,
  eof: false,
}
