import { assert, describe, it } from "@effect/vitest"
import { reason, verdictOf } from "@rigbook/core"
import { compare, gate, makeRegistry, pairRecords } from "@rigbook/registry"
import { Schema } from "effect"
import { comparables, comparisonJunit, comparisonPage, json, RegistryDocument } from "../../src/index.ts"
import { around, embeddingRun, languageRun, value } from "../fixtures.ts"
import { cellPipes, Hostile } from "../hostile.ts"

const speeds = (ttft: number, decode: number) => [
  value("ttft", "Time to first token", "ms", around(ttft)),
  value("output_tps", "Output throughput", "tokens/s", around(decode), "higher"),
  value("e2e", "End-to-end latency", "ms", [1, 2]),
]
const before = languageRun({ id: "before", values: speeds(100, 50) })
const after = languageRun({ id: "after", values: speeds(110, 60) })
const worse = compare(pairRecords([before], [after]))

describe("comparisonPage", () => {
  it("shows what got worse first, and what the gate says", () => {
    const page = comparisonPage(worse, gate(worse))
    const rows = page.split("\n").filter((line) => line.startsWith("| "))
    assert.match(
      rows[2]!,
      /^\| Time to first token \(ms\), lower is better +\| +100\.0 +\| +110\.0 +\| 10, 10 +\| \+10 % \(/,
    )
    assert.include(rows[2], "**worse**")
    assert.include(rows[3], "**better**")
    assert.include(rows[4], "too few trials to tell")
    assert.include(page, "The gate **found a regression**.")
    assert.include(page, "- Time to first token of after got worse.")
  })

  it("names what could not be compared", () => {
    const elsewhere = languageRun({ id: "after", verdict: verdictOf([reason("failed", "it did")]) })
    const page = comparisonPage(compare(pairRecords([before, embeddingRun()], [elsewhere])))
    assert.include(page, "- before and after: after is invalid: failed.")
    assert.include(page, "Only in a: 20251003T080000Z-mini-lm-3c4d.")
  })
})

describe("comparisonJunit", () => {
  it("has a case for each metric", () => {
    const lines = comparisonJunit(worse).split("\n")
    assert.strictEqual(lines[0], '<?xml version="1.0" encoding="UTF-8"?>')
    const name = "tiny-llama · llamacpp · single: GPU-8f2d · latency-short-chat-2x128"
    assert.include(lines[2], `<testsuite name="${name}" tests="3" failures="1" errors="0" skipped="1">`)
    assert.match(lines[4]!, /<failure message="worse: 100\.0 ms to 110\.0 ms, \+10 % \(\+9\.\d to \+1\d\), p = /)
    assert.include(lines.join("\n"), "</testsuites>\n")
  })

  it("makes an error of what could not be compared", () => {
    const junit = comparisonJunit(compare(pairRecords([before], [])))
    assert.include(junit, '<testcase classname="not compared" name="before">')
    assert.include(junit, '<error message="it has no counterpart"/>')
  })
})

describe("text from outside", () => {
  it.prop("breaks neither page nor XML", { parts: Hostile }, ({ parts }) => {
    const name = parts.join("")
    const hostile = (id: string, ttft: number) =>
      languageRun({
        id,
        cell: { config: { id: name, name, path: "x" }, backend: name },
        values: [value("ttft", name, "ms", around(ttft))],
        verdict: verdictOf([reason("noisy", name)]),
      })
    const result = compare(pairRecords([hostile(`a${name}`, 100)], [hostile(`b${name}`, 200)]))
    const page = comparisonPage(result, gate(result))
    const rows = page.split("\n").filter((line) => line.startsWith("| "))
    for (const row of rows) assert.strictEqual(cellPipes(row), 9, row)
    assert.notMatch(page, /<script|<!--|<\/td/)
    const junit = comparisonJunit(result)
    // Take well-formed tags away: nothing is left.
    const rest = junit.replace(/<\?xml[^>]*\?>|<\/?[a-z]+(?: [a-z]+="[^"<>]*")*\/?>/g, "")
    assert.strictEqual(rest.trim(), "")
    assert.notMatch(junit, /&(?!amp;|lt;|gt;|quot;)/)
    // oxlint-disable-next-line no-control-regex -- XML can't hold them.
    assert.notMatch(junit, /[\u0000-\u0009\u000b-\u001f]/)
  })
})

describe("comparables", () => {
  it("are in a registry's JSON what they are in its records", () => {
    const decode = Schema.decodeUnknownSync(Schema.fromJsonString(RegistryDocument))
    const read = (run: typeof before) => comparables(decode(json.registry(makeRegistry([run], []))))
    const direct = compare(pairRecords([before], [after]))
    assert.deepStrictEqual(compare(pairRecords(read(before), read(after), { sameModel: true })), direct)
  })
})
