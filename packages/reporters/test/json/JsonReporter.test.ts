import { assert, describe, it } from "@effect/vitest"
import { RunRecord } from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
import { Schema } from "effect"
import { json, RegistryDocument } from "../../src/index.ts"
import { around, embeddingRun, failedRun, languageRun } from "../fixtures.ts"

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(RegistryDocument))

describe("json.registry", () => {
  it("keeps exact figures, and the reasons of those that are missing", () => {
    const { entries } = decode(json.registry(makeRegistry([embeddingRun()], [])))
    const values = entries[0]?.records[0]?.values
    assert.deepStrictEqual(values?.["ms_per_doc"], {
      title: "Time per document",
      definition: "1000 / docs_per_s",
      unit: "ms",
      better: "lower",
      median: 1.8073,
      mean: 1.8072999999999997,
      low: 1.793243222222222,
      high: 1.821356777777778,
      confidence: 0.978515625,
      meanLow: 1.7986014627493705,
      meanHigh: 1.8159985372506289,
      mad: 0.010040555555555608,
      cv: 0.00672811189799445,
      n: 10,
      trials: around(1.8073),
    })
    assert.deepStrictEqual(values?.["memory_peak"], {
      title: "Peak memory",
      definition: "largest resident memory of the engine's process tree while a trial ran",
      unit: "B",
      better: "lower",
      absent: "no readings: /proc is not there",
    })
  })

  it("tells why a run failed, and has no figures for it", () => {
    const { entries } = decode(json.registry(makeRegistry([failedRun()], [])))
    const run = entries[0]?.records[0]
    assert.deepStrictEqual(run?.failure, { kind: "Crashed", detail: "llama-server ended with code 1" })
    assert.deepStrictEqual(run?.values, {})
    assert.strictEqual(run?.verdict.status, "invalid")
  })

  it("carries notes word for word and leads to each record", () => {
    const notes = [{ model: "tiny-llama", path: "models/notes/tiny-llama.md", text: "<b>Good</b>\n" }]
    const { entries } = decode(json.registry(makeRegistry([languageRun()], notes)))
    assert.deepStrictEqual(entries[0]?.notes, [{ path: "models/notes/tiny-llama.md", text: "<b>Good</b>\n" }])
    assert.strictEqual(
      entries[0]?.records[0]?.path,
      "benchmarks/results/raw/20251002T101500Z-tiny-llama-1a2b/record.json",
    )
  })

  it("is whole for an empty registry", () => {
    assert.strictEqual(
      json.registry(makeRegistry([], [])),
      `{\n  "schema": 2,\n  "updatedAt": null,\n  "entries": [],\n  "ratingRules": null,\n  "equivalences": [],\n  "planned": [],\n  "nextSteps": [],\n  "comparisons": [],\n  "imported": []\n}\n`,
    )
  })

  it("has a JSON Schema", () => {
    const { definitions, schema } = Schema.toJsonSchemaDocument(RegistryDocument)
    assert.deepStrictEqual(schema, { $ref: "#/$defs/RegistryDocument" })
    assert.containsAllKeys(definitions, ["RegistryDocument", "RegistryRun", "RegistryValue"])
  })
})

describe("json.report", () => {
  it("gives records back as they were", () => {
    const records = [languageRun(), embeddingRun(), failedRun()]
    const parsed: unknown = JSON.parse(json.report(records))
    assert.deepStrictEqual(Schema.decodeUnknownSync(Schema.Array(RunRecord))(parsed), records)
  })
})
