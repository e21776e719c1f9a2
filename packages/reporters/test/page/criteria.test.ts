import { assert, describe, it } from "@effect/vitest"
import { ANY, chosen, isAny } from "../../page/criteria.ts"
import { pageData, pageSource } from "../../src/html/PageData.ts"
import { rigRecords, rigRegistry } from "../html/rig.ts"

const { runs } = pageData(pageSource(rigRegistry(), "models"))
const found = (criteria: Partial<typeof ANY>) => chosen(runs, { ...ANY, ...criteria })

describe("chosen", () => {
  it("is all runs without criteria", () => {
    assert.isTrue(isAny(ANY))
    assert.lengthOf(found({}), rigRecords.length)
  })

  it("finds every word, in names and in verdicts", () => {
    assert.deepStrictEqual(
      found({ text: " NOISY  big" }).map(({ id }) => id),
      ["big-llama-Q8_0"],
    )
    assert.lengthOf(found({ text: "nothing-has-this" }), 0)
  })

  it("meets all criteria at once", () => {
    assert.isNotEmpty(found({ task: "generate", verdict: "invalid" }))
    for (const run of found({ task: "generate", verdict: "invalid" }))
      assert.deepStrictEqual([run.task, run.verdict], ["generate", "invalid"])
    assert.lengthOf(found({ task: "embed", backend: "llamacpp" }), 0)
  })
})
