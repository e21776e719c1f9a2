import { equivalencesOf, judgedTogether, type Reporter, type RunRecord } from "@rigbook/core"
import { stringify } from "csv-stringify/sync"
import { inTime } from "../order.ts"
import { CSV_COLUMNS, csvRows, plannedRows, type Standing } from "./rows.ts"

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
    return `${print(records, standing)}${stringify(planned.flatMap(plannedRows), OPTIONS)}`
  },
  report: (records) =>
    print(judgedTogether(inTime(records), equivalencesOf(records)), () => ({ family: null, stale: null })),
}

/** So many records at a time: all rows of a large registry at once take more memory than all of its records. */
const CHUNK = 500

const print = (records: ReadonlyArray<RunRecord>, standing: (record: RunRecord) => Standing): string => {
  const parts = [stringify([], { ...OPTIONS, header: true })]
  for (let from = 0; from < records.length; from += CHUNK)
    parts.push(
      stringify(
        records.slice(from, from + CHUNK).flatMap((record) => csvRows(record, standing(record))),
        OPTIONS,
      ),
    )
  return parts.join("")
}

const OPTIONS = {
  columns: CSV_COLUMNS,
  // Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers, negative ones too.
  escape_formulas: true,
}
