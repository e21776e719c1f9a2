import { assert, describe, it } from "@effect/vitest"
import { Scenario } from "@rigbook/core"
import { Schema } from "effect"
import { around, embeddingRun, languageRun, value } from "../../reporters/test/fixtures.ts"
import { cardText } from "../src/output/CardText.ts"

const run = languageRun()
const deep = languageRun({
  id: "deep",
  cell: { scenario: Schema.decodeUnknownSync(Scenario)({ kind: "context", depth: 8192 }) },
  values: [value("prefill_tps", "Prefill speed", "tokens/s", around(900), "higher")],
})

describe("cardText", () => {
  const text = cardText(run, [run, deep, embeddingRun()])

  it("says what ran on what, how fast, and how far that can be trusted", () => {
    for (const part of [run.cell.config.name, run.cell.host.cpu.model, "tokens/s (", "TTFT", "verdict    valid"])
      assert.include(text, part)
    assert.match(text, /quality +not measured/)
  })

  it("has the prefill at each depth, the shortest first, of the same cell's config alone", () => {
    const prefill = text.split("\n").filter((line) => line.startsWith("prefill"))
    assert.lengthOf(prefill, 2)
    assert.match(prefill[1]!, /900 tokens\/s .* at 8192 tokens$/)
  })

  it("names no machine", () => {
    assert.notInclude(text, run.cell.host.fingerprint)
    for (const { id } of run.cell.host.devices.filter(({ kind }) => kind === "gpu")) assert.notInclude(text, id)
    assert.notInclude(text, run.cell.runtime.path)
  })
})
