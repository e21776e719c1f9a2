import type { Reporter, RunRecord } from "@rigbook/core"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

const SCHEMA = `
  create table records (id text primary key, model text, backend text, started text, verdict text, reasons text);
  create table figures (record text references records, metric text, unit text, median real, absent text);
`

/** Node's SQLite writes files alone: the bytes are read from one that is removed again. */
const bytesOf = (fill: (database: DatabaseSync) => void): Uint8Array => {
  const folder = mkdtempSync(join(tmpdir(), "rigbook-sqlite-"))
  try {
    const path = join(folder, "records.db")
    const database = new DatabaseSync(path)
    fill(database)
    database.close()
    return readFileSync(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const databaseOf = (records: ReadonlyArray<RunRecord>): Uint8Array =>
  bytesOf((database) => {
    database.exec(`begin; ${SCHEMA}`)
    const record = database.prepare("insert into records values (?, ?, ?, ?, ?, ?)")
    const figure = database.prepare("insert into figures values (?, ?, ?, ?, ?)")
    for (const { cell, id, startedAt, values, verdict } of records) {
      const reasons = verdict.reasons.map(({ code }) => code).join(" ")
      record.run(id, cell.config.name, cell.backend, startedAt, verdict.status, reasons)
      for (const { metric, result, unit } of values)
        if ("summary" in result) figure.run(id, metric, unit, result.summary.median, null)
        else figure.run(id, metric, unit, null, result.absent)
    }
    database.exec("commit")
  })

/** A database of all records and their figures, for questions in SQL. */
export const sqlite: Reporter<Uint8Array> = {
  id: "sqlite",
  extension: "db",
  registry: ({ entries }) => databaseOf(entries.flatMap(({ records }) => records)),
  report: databaseOf,
}
