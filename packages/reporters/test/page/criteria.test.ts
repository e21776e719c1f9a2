import { assert, describe, it } from "@effect/vitest"
import { ModelFacts } from "@rigbook/core"
import { makeRegistry } from "@rigbook/registry"
import { catalogOf } from "../../page/catalog.ts"
import { ANY, chosen, isAny } from "../../page/criteria.ts"
import { modelRows } from "../../page/variants.ts"
import { pageData, pageSource } from "../../src/html/data/pageSource.ts"
import { languageRun } from "../fixtures.ts"
import { rigRecords, rigRegistry } from "../html/rig.ts"
import { wholeRegistry } from "../wholeRegistry.ts"

const catalog = catalogOf(pageData(pageSource(rigRegistry(), "models")))
const whole = catalogOf(pageData(pageSource(wholeRegistry(), "models")))
const found = (criteria: Partial<typeof ANY>, of = catalog) => chosen(of, of.data.runs, { ...ANY, ...criteria })
const names = (criteria: Partial<typeof ANY>) =>
  modelRows(whole, found(criteria, whole), { ...ANY, ...criteria }).map((row) =>
    row.variant === undefined ? row.planned.name : `${row.family.name} ${row.variant.label}`,
  )

describe("chosen", () => {
  it("is all runs without criteria", () => {
    assert.isTrue(isAny(ANY))
    assert.lengthOf(found({}), rigRecords.length)
  })

  it("finds every word, in names and in verdicts", () => {
    // Of one file, so they are one model, which is found by the name of either.
    assert.deepStrictEqual(
      found({ text: " NOISY  big" }).map(({ id }) => id),
      ["big-llama-Q8_0", "tiny-llama-Q8_0"],
    )
    assert.lengthOf(found({ text: "nothing-has-this" }), 0)
  })

  it("meets all criteria at once", () => {
    assert.isNotEmpty(found({ task: "generate", verdict: "invalid" }))
    for (const run of found({ task: "generate", verdict: "invalid" }))
      assert.deepStrictEqual([run.task, run.verdict], ["generate", "invalid"])
    assert.lengthOf(found({ task: "embed", backend: "llamacpp" }), 0)
  })

  it("finds a quantization by its beginning, and what is planned with it", () => {
    const rows = names({ text: "Q4" })
    assert.include(rows, "Planned 70B Q4_K_M")
    assert.isTrue(rows.every((name) => name.includes("Q4")))
    assert.isTrue(rows.length > 2)
  })

  it("finds a planned model by its size in its name, and by its use", () => {
    assert.deepStrictEqual(names({ text: "70b" }), ["Planned 70B Q4_K_M"])
    assert.deepStrictEqual(names({ text: "reasoning planned" }), ["Planned 70B Q4_K_M"])
    assert.deepStrictEqual(names({ size: "40 B and more" }), ["Planned 70B Q4_K_M"])
  })

  it("does not take an engine, an architecture or a note for a model's name", () => {
    const { cell } = languageRun()
    const small = languageRun({
      id: "small",
      cell: {
        config: { id: "small-lm", name: "Small LM", path: "models/configs/small-lm.yaml" },
        // oxlint-disable-next-line typescript/no-misused-spread -- its fields make another one.
        model: new ModelFacts({ ...cell.model, architecture: "llama", sha256: "5".repeat(64) }),
      },
    })
    const note = { model: "small-lm", path: "models/notes/small-lm.md", text: "Nearly as good as Llama in Spanish." }
    const two = catalogOf(pageData(pageSource(makeRegistry([languageRun(), small], [note]), "models")))
    const idsOf = (text: string) => found({ text }, two).map(({ id }) => id)
    assert.lengthOf(idsOf("llamacpp"), 2)
    assert.deepStrictEqual(idsOf("llama"), [languageRun().id])
    assert.deepStrictEqual(idsOf("spanish"), [])
  })

  it("knows what fits on a host: what ran there, what is planned there, what is small enough", () => {
    const [host] = whole.data.runs.map((run) => run.host)
    for (const run of found({ fits: host! }, whole)) assert.notStrictEqual(run.verdict, "invalid")
    assert.include(names({ fits: "two-gpus" }), "Planned 70B Q4_K_M")
    assert.notInclude(names({ fits: host! }), "Planned search")
  })
})
