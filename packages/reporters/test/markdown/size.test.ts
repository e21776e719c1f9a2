import { assert, describe, it } from "@effect/vitest"
import { makeRegistry } from "@rigbook/registry"
import { ModelFacts } from "@rigbook/core"
import { markdown } from "../../src/index.ts"
import { languageRun } from "../fixtures.ts"
import { pageNamed } from "../pages.ts"
import { wholeRegistry } from "../wholeRegistry.ts"

/** Lines that REGISTRY.md may have, however many models there are. */
const LINES = 400
const MODELS = 1000

const { model } = languageRun().cell

/** Two quantizations of each model. */
const records = Array.from({ length: 2 * MODELS }, (_, index) =>
  languageRun({
    id: `run-${index}`,
    cell: {
      config: { id: `model-${index >> 1}`, name: `Model ${index >> 1}`, path: "models/configs/model.yaml" },
      model: new ModelFacts(
        Object.assign({}, model, {
          quantization: index % 2 === 0 ? "Q4_K_M" : "Q8_0",
          sha256: String(index).padStart(64, "0"),
        }),
      ),
      scenario: { kind: "latency", prompts: `prompts-${index % 2}`, requests: 2, outputTokens: 128 },
    },
  }),
)

describe("REGISTRY.md of a large registry", () => {
  const registry = makeRegistry(records, [], { rules: wholeRegistry().rules })
  const text = markdown.registry(registry)

  it("has at most 400 lines, and names a page for what it leaves out", () => {
    assert.isAtMost(text.split("\n").length, LINES)
    assert.match(text, /The newest and the best rated, \d+ of 1000; all are in \[all-models\.md\]\(all-models\.md\)/)
  })

  it("has a page for each model, and a page of all", () => {
    const names = Array.from(markdown.registryPages!(registry), ({ name }) => name)
    assert.strictEqual(new Set(names).size, names.length)
    assert.lengthOf(
      names.filter((name) => /^model-\d+\.md$/.test(name)),
      MODELS,
    )
    const all = pageNamed(registry, "all-models.md")
    for (const model of [0, 499, 999]) assert.include(all, `[Model ${model}](model-${model}.md)`)
  })
})
