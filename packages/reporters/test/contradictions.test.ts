import { assert, describe, it } from "@effect/vitest"
import { measured, medianOf } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import { parse } from "csv-parse/sync"
import { significant } from "../src/format.ts"
import { csv, json, memoryOf } from "../src/index.ts"
import { uncertain } from "../src/Uncertain.ts"
import { embeddingRun } from "./fixtures.ts"
import { allPages, resolved } from "./pages.ts"
import { wholePlanned, wholeRecords, wholeRegistry } from "./wholeRegistry.ts"

/** What docs/registry-by-hand.md says of the registry by hand, and why it is impossible here. */

const registry = wholeRegistry()
const page = resolved(allPages(registry)).replaceAll("\u00a0", " ")
/** All sections of a title, whichever page they are on. */
const section = (title: string): string => {
  const found = page.split(new RegExp(`\\n###? ${title}\\n`)).slice(1)
  assert.isNotEmpty(found, title)
  return found.map((text) => text.split(/\n## |\n<!-- Generated/)[0]).join("\n")
}
/** Rows of tables of runs with such a column, each with that column's cell. */
const cellsUnder = (head: string): ReadonlyArray<{ readonly row: string; readonly cell: string }> =>
  page
    .split("\n\n")
    .filter((block) => block.startsWith("| "))
    .flatMap((block) => {
      const [heads, , ...lines] = block.split("\n").map((line) => line.split(" | "))
      const at = heads!.findIndex((cell) => cell === head)
      return at === -1 || heads!.includes("models")
        ? []
        : lines.map((cells) => ({ row: cells.join(" | "), cell: cells[at]! }))
    })
const rows = parse<Record<string, string>>(csv.registry(registry), { columns: true })

describe("a run's throughput", () => {
  it("is the same figure wherever it is shown, in every format", () => {
    const shown = JSON.parse(json.registry(registry)) as {
      entries: Array<{ records: Array<{ record: string; values: Record<string, { median?: number }> }> }>
    }
    let looked = 0
    for (const { records } of registry.entries)
      for (const record of records) {
        const median = medianOf(record, "docs_per_s")
        if (median === undefined) continue
        const inJson = shown.entries.flatMap((entry) => entry.records).find((run) => run.record === record.id)
        assert.strictEqual(inJson?.values["docs_per_s"]?.median, median)
        const inCsv = rows.find((row) => row["record"] === record.id && row["metric"] === "docs_per_s")
        assert.strictEqual(Number(inCsv?.["median"]), median)
        // Every cell of a row that is linked to this record and speaks of documents per second.
        const link = `(../benchmarks/results/raw/${record.id}/record.json)`
        const cells = cellsUnder("docs/s").filter(({ row }) => row.includes(link))
        assert.isNotEmpty(cells)
        const summary = record.values.find(({ metric }) => metric === "docs_per_s")!.result
        assert.isTrue("summary" in summary)
        if (!("summary" in summary)) continue
        const rounded = uncertain(summary.summary, "docs/s").replaceAll("\u00a0", " ")
        for (const { cell } of cells) assert.include([rounded, significant(median)], cell.replaceAll("~~", ""))
        assert.include(section("Performance comparison"), `${significant(median)} ([record]${link}`)
        looked++
      }
    assert.isAtLeast(looked, 6)
  })

  it("leads to its record in every row of the comparison", () => {
    const lines = section("Performance comparison").split("\n")
    const isHead = (at: number): boolean => /^\| :?-/.test(lines[at + 1] ?? "")
    const figures = lines.filter((line, at) => /^\| .*\d/.test(line) && !isHead(at))
    assert.isNotEmpty(figures)
    for (const line of figures) assert.match(line, /\/record\.json\)/)
  })
})

describe("the time per document", () => {
  it("is the inverse of throughput, and no latency", () => {
    const metric = (id: string) => METRICS.find((one) => one.id === id)!
    assert.strictEqual(metric("ms_per_doc").definition, "1000 / docs_per_s")
    assert.notStrictEqual(metric("batch_latency").definition, metric("ms_per_doc").definition)
    for (const record of wholeRecords) {
      const [docs, ms] = [medianOf(record, "docs_per_s"), medianOf(record, "ms_per_doc")]
      if (docs !== undefined && ms !== undefined) assert.closeTo(docs * ms, 1000, 0.1)
    }
  })
})

describe("an estimate", () => {
  const planned = wholePlanned.map(({ id }) => id)

  it("is no measured figure, in any format", () => {
    const estimated = rows.filter((row) => row["status"] === "planned")
    assert.isNotEmpty(estimated)
    for (const row of estimated) {
      assert.include(planned, row["model"])
      for (const column of ["median", "low", "high", "mean", "n", "verdict", "record"])
        assert.strictEqual(row[column], "")
    }
    for (const row of rows.filter(({ status }) => status === "measured")) assert.strictEqual(row["estimate"], "")
    const document = JSON.parse(json.registry(registry)) as {
      entries: Array<{ id: string }>
      planned: Array<{ status: string }>
    }
    assert.isTrue(document.planned.every(({ status }) => status === "planned"))
    assert.isFalse(document.entries.some(({ id }) => planned.includes(id)))
    for (const title of ["Models", "Performance comparison", "Model categories"])
      for (const { name } of wholePlanned) assert.notInclude(section(title), name)
  })

  it("is recommended for nothing", () => {
    const recommended = section("Recommendations by use case")
    assert.include(recommended, "No model qualifies")
    for (const { name } of wholePlanned) assert.notInclude(recommended, name)
  })

  it("gives way to an entry as soon as there is a record", () => {
    const record = embeddingRun({
      cell: { config: { id: "planned-search", name: "Planned search", path: "models/configs/planned-search.yaml" } },
    })
    const { entries, nextSteps, planned: left } = wholeRegistry([...wholeRecords, record])
    assert.include(
      entries.map(({ id }) => id),
      "planned-search",
    )
    assert.deepStrictEqual(
      [left.map(({ id }) => id), nextSteps.map(({ id }) => id)],
      [["planned-70b"], ["planned-70b"]],
    )
  })
})

describe("free memory", () => {
  it("is what was free before minus the peak", () => {
    const record = wholeRecords.find(({ id }) => id === "watched")!
    const gpu = record.cell.host.devices.find(({ kind }) => kind === "gpu")!
    const memory = memoryOf(record).find(({ device }) => device === gpu.id)!
    assert.strictEqual(memory.free, gpu.freeBytes! - memory.peak!)
    assert.deepStrictEqual(measured(memory.peak!), record.observed.devices![0]!.usedDeltaBytes)
  })
})

describe("a report that is not there", () => {
  it("is not linked", () => {
    const linked = [...page.matchAll(/\]\(\.\.\/benchmarks\/results\/reports\/([^)]+)\.md\)/g)].map(([, id]) => id)
    assert.sameMembers([...new Set(linked)], ["context-512", "watched"])
  })
})
