import { assert, describe, it } from "vitest"
import { makeRegistry } from "@rigbook/registry"
import { fakeRecord, invalidRecord, reporterSuite } from "@rigbook/testkit"
import { parquetReadObjects } from "hyparquet"
import { parquet } from "../examples/parquet-reporter.ts"

reporterSuite(parquet)

/** The rows of a file, read by the library of readers. */
const rowsOf = (bytes: Uint8Array) => parquetReadObjects({ file: new Uint8Array(bytes).buffer })

const records = [fakeRecord(), invalidRecord()]
const registry = makeRegistry(records, [])

describe("the reporter for Parquet", () => {
  it("has a row for each figure: its median, or why it is absent, with the record's verdict", async () => {
    const expected = records.flatMap(({ cell, id, startedAt, values, verdict }) =>
      values.map(({ metric, result, unit }) => ({
        record: id,
        model: cell.config.name,
        backend: cell.backend,
        started: new Date(startedAt),
        verdict: verdict.status,
        reasons: verdict.reasons.map(({ code }) => code).join(" "),
        metric,
        unit,
        median: "summary" in result ? result.summary.median : null,
        absent: "summary" in result ? null : result.absent,
      })),
    )
    assert.isTrue(expected.some(({ median }) => median !== null))
    assert.isTrue(expected.some(({ absent }) => absent !== null))
    assert.deepStrictEqual(await rowsOf(parquet.report(records)), expected)
    assert.sameDeepMembers(await rowsOf(parquet.registry(registry)), expected)
  })

  it("has the records in a file beside it", async () => {
    const pages = [...parquet.registryPages!(registry)]
    assert.deepStrictEqual(
      pages.map(({ name }) => name),
      ["registry.records.parquet"],
    )
    const rows = await rowsOf(Buffer.concat([...pages[0]!.parts()]))
    assert.sameMembers(
      rows.map(({ record }) => record),
      records.map(({ id }) => id),
    )
  })

  it("has its columns without any record, too", async () => {
    assert.deepStrictEqual(await rowsOf(parquet.report([])), [])
  })
})
