import { type Registry, remembered, type Reporter, type RunRecord, visible } from "@rigbook/core"
import { equivalencesOf, judgedTogether, lossTradeoffsOf } from "@rigbook/registry"
import { stringify } from "csv-stringify/sync"
import { inTime } from "../order.ts"
import { registryIn, whole } from "../parts.ts"
import {
  type Cell,
  csvRows,
  ESTIMATE_COLUMNS,
  FIGURE_COLUMNS,
  plannedRows,
  type Row,
  RUN_COLUMNS,
  STANDING_COLUMNS,
} from "./rows.ts"

/** Exact figures for spreadsheets, one row for each metric of a record. Missing is an empty cell with its reason. */
export const csv: Reporter = {
  id: "csv",
  extension: "csv",
  ...registryIn((registry) => lines(registryRows(registry))),
  report: (records) => whole(lines(reportRows(records))),
}

function* registryRows({ entries, planned, stale }: Registry): Generator<Row> {
  const losses = lossTradeoffsOf(entries).flatMap(({ rows }) => rows)
  const loss = new Map(losses.flatMap((row) => (row.speed === undefined ? [] : [[row.speed.id, row] as const])))
  for (const { family, records } of entries)
    for (const record of records)
      yield* csvRows(record, { family, stale: stale.get(record.id)?.join("; ") ?? null, loss: loss.get(record.id) })
  for (const model of planned) yield* plannedRows(model)
}

function* reportRows(records: ReadonlyArray<RunRecord>): Generator<Row> {
  for (const record of judgedTogether(inTime(records), equivalencesOf(records)))
    yield* csvRows(record, { family: null, stale: null, loss: undefined })
}

function* lines(rows: Iterable<Row>): Generator<string> {
  yield `${[...RUN_COLUMNS, ...FIGURE_COLUMNS, ...STANDING_COLUMNS, ...ESTIMATE_COLUMNS].join(",")}\n`
  const write = rowWriter()
  for (const row of rows) yield write(row)
}

/** Most texts need neither quotes nor an apostrophe: a large registry has millions of them. */
const PLAIN = /^[A-Za-z0-9](?:[A-Za-z0-9 ._:/%+-]*)$/

/** Writes rows, each with its line break. Cells that a library has written once are cached. */
const rowWriter = () => {
  const known = new Map<string, string>()
  const cellOf = (cell: Cell): string => {
    if (cell === null) return ""
    if (typeof cell === "number" || PLAIN.test(cell)) return String(cell)
    const written = known.get(cell) ?? stringify([[visible(cell)]], OPTIONS)
    known.set(cell, written)
    return written
  }
  const cells = <Column extends string>(columns: ReadonlyArray<Column>, of: Readonly<Record<Column, Cell>>): string =>
    columns.map((column) => cellOf(of[column])).join(",")
  const runCells = remembered((run: Row["run"]) => [cells(RUN_COLUMNS, run), cells(STANDING_COLUMNS, run)] as const)
  return ({ figure, run }: Row): string => {
    const [what, standing] = runCells(run)
    return `${what},${cells(FIGURE_COLUMNS, figure)},${standing},${cells(ESTIMATE_COLUMNS, figure)}\n`
  }
}

const OPTIONS = {
  // Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers, negative ones too.
  escape_formulas: true,
  eof: false,
}
