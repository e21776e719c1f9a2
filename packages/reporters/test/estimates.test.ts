import { assert, describe, it } from "@effect/vitest"
import { makeRegistry } from "@rigbook/registry"
import { pageData, pageSource } from "../src/html/data/pageSource.ts"
import { csv, json, markdown } from "../src/index.ts"
import { estimatedRun } from "./estimatedRun.ts"
import { languageRun } from "./fixtures.ts"

const MIB = 2 ** 20
const registry = makeRegistry([estimatedRun], [])

/**
 * Each format says of each device what was estimated, what was found, and the error in percent or why there is none.
 */
describe("memory, estimated and found", () => {
  it("is in a report in markdown", () => {
    const rows = markdown.report([estimatedRun]).split("\n")
    assert.isTrue(rows.some((row) => /all, by resident memory .*200\.0 MiB .*160\.0 MiB .*\+25\.0 %/.test(row)))
  })

  it("is in CSV, a row each", () => {
    for (const text of [csv.report([estimatedRun]), csv.registry(registry)]) {
      const rows = text.split("\n").filter((row) => row.includes(",memory_estimate_error,%,"))
      assert.deepStrictEqual(
        rows.map((row) => row.replace(/^.*,memory_estimate_error,%,/, "").replace(/,valid,.*,cpu,(?=\d)/, ",cpu,")),
        [
          `0,,,,,,,cpu,${100 * MIB},embedding + weights,${100 * MIB}`,
          `10.000000000000009,,,,,,,cpu,${33 * MIB},KV cache,${30 * MIB}`,
          `,,,,,,not reported by the engine,cpu,${10 * MIB},compute,`,
          `,,,,,,in none of its buffers,cpu,${57 * MIB},runtime overhead,`,
          `25,,,,,,,cpu,${200 * MIB},"all, by resident memory",${160 * MIB}`,
        ],
      )
    }
  })

  it("is in the registry's JSON", () => {
    const { entries } = JSON.parse(json.registry(registry)) as {
      entries: [{ records: [{ estimates: ReadonlyArray<unknown> }] }]
    }
    assert.deepInclude(entries[0].records[0].estimates, {
      device: "cpu",
      parts: ["all, by resident memory"],
      bytes: 200 * MIB,
      basis: "heuristic",
      found: { value: 160 * MIB },
      error: { value: 0.25 },
    })
  })

  it("is in the page, where something was found", () => {
    const [run] = pageData(pageSource(registry, "models")).runs
    assert.deepStrictEqual(
      run!.estimates?.map(({ error, parts }) => [parts, error]),
      [
        ["embedding + weights", 0],
        ["KV cache", 0.1],
        ["all, by resident memory", 0.25],
      ],
    )
    const html = pageData(pageSource(makeRegistry([languageRun()], []), "models")).runs[0]!
    assert.notProperty(html, "estimates")
  })
})
