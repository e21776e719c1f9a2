import type { Reporter, RunRecord } from "@rigbook/core"
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer"

const WORDS = { type: "STRING", nullable: false } as const

/** A file of these columns. Not compressed: every reader of Parquet takes it. */
const file = (columns: ReadonlyArray<ColumnSource>): Uint8Array =>
  new Uint8Array(parquetWriteBuffer({ columnData: [...columns], codec: "UNCOMPRESSED" }))

/** What each row of either file says of its record: a figure is not read without its verdict. */
const about = (records: ReadonlyArray<RunRecord>): ReadonlyArray<ColumnSource> => [
  { name: "record", data: records.map(({ id }) => id), ...WORDS },
  { name: "model", data: records.map(({ cell }) => cell.config.name), ...WORDS },
  { name: "backend", data: records.map(({ cell }) => cell.backend), ...WORDS },
  { name: "started", data: records.map(({ startedAt }) => new Date(startedAt)), type: "TIMESTAMP", nullable: false },
  { name: "verdict", data: records.map(({ verdict }) => verdict.status), ...WORDS },
  { name: "reasons", data: records.map(({ verdict }) => verdict.reasons.map(({ code }) => code).join(" ")), ...WORDS },
]

/** A row a figure: its median, or the reason why it is absent. */
const figures = (records: ReadonlyArray<RunRecord>): Uint8Array => {
  const rows = records.flatMap((record) => record.values.map((value) => ({ record, ...value })))
  const medians = rows.map(({ result }) => ("summary" in result ? result.summary.median : null))
  const reasons = rows.map(({ result }) => ("summary" in result ? null : result.absent))
  return file([
    ...about(rows.map(({ record }) => record)),
    { name: "metric", data: rows.map(({ metric }) => metric), ...WORDS },
    { name: "unit", data: rows.map(({ unit }) => unit), ...WORDS },
    { name: "median", data: medians, type: "DOUBLE", nullable: true },
    { name: "absent", data: reasons, type: "STRING", nullable: true },
  ])
}

/** Tables of all figures and, in a file of its own, of all records: for DuckDB, pandas and their like. */
export const parquet: Reporter<Uint8Array> = {
  id: "parquet",
  extension: "parquet",
  registry: ({ entries }) => figures(entries.flatMap(({ records }) => records)),
  registryPages: ({ entries }) => [
    { name: "registry.records.parquet", parts: () => [file(about(entries.flatMap(({ records }) => records)))] },
  ],
  report: figures,
}
