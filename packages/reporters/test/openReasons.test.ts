import { assert, describe, it } from "@effect/vitest"
import { reason, type RunRecord, verdictOf, type VerdictReason } from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
import { pageData, pageSource } from "../src/html/data/pageSource.ts"
import { json, markdown } from "../src/index.ts"
import { languageRun } from "./fixtures.ts"

const unknown: VerdictReason = {
  code: "of-tomorrow",
  level: "suspect",
  detail: "The moon was full",
  advice: "Wait a week.",
}
/** Of a model each, so that both are shown. */
const judged = (id: string, ...reasons: ReadonlyArray<VerdictReason>): RunRecord =>
  languageRun({
    id,
    cell: { config: { id, name: id, path: `models/configs/${id}.yaml` } },
    verdict: verdictOf(reasons),
  })

/** A version before this one or after it may judge by reasons that are not in this one's table. */
describe("a verdict by a reason of another version", () => {
  const records = [judged("a", unknown), judged("b", reason("noisy", "It varies"))]
  const registry = makeRegistry(records, [])

  it("is shown whole in markdown and JSON", () => {
    assert.include(markdown.registry(registry), "| **of-tomorrow** | 1 | The moon was full | Wait a week. |")
    assert.include(markdown.report(records), "`of-tomorrow` (suspect): The moon was full. Wait a week.")
    for (const said of [unknown.code, unknown.detail, unknown.advice]) {
      assert.include(json.registry(registry), said)
      assert.include(json.report(records), said)
    }
  })

  it("brings its level and advice to the page", () => {
    const { reasons, runs } = pageData(pageSource(registry, "models"))
    assert.deepStrictEqual(reasons["of-tomorrow"], { level: "suspect", advice: "Wait a week." })
    assert.deepStrictEqual(runs.find(({ id }) => id === "a")!.reasons, [
      { code: "of-tomorrow", detail: "The moon was full" },
    ])
  })

  it("keeps what it says of a code that another record says something else of", () => {
    const advice = "Wait for the new moon."
    const both = makeRegistry([judged("a", unknown), judged("b", { ...unknown, level: "note", advice })], [])
    const { reasons, runs } = pageData(pageSource(both, "models"))
    assert.deepStrictEqual(reasons["of-tomorrow"], { level: "note", advice })
    assert.deepInclude(runs.find(({ id }) => id === "a")!.reasons[0], { level: "suspect", advice: unknown.advice })
    assert.notProperty(runs.find(({ id }) => id === "b")!.reasons[0], "advice")
  })

  it("is no markup, whatever it is named", () => {
    const page = markdown.report([judged("a", { ...unknown, code: "` <b>x" })])
    assert.notInclude(page, "<b>")
    assert.include(page, "- \\` &lt;b&gt;x (suspect): ")
  })
})
