import { assert, describe, it } from "@effect/vitest"
import { reason, verdictOf } from "@rigbook/core"
import { byQuantization, bySize, sizeClassOf } from "../src/Categories.ts"
import { embeddingRun, languageRun } from "./fixtures.ts"

describe("sizeClassOf", () => {
  it("has a class for every size, without gaps", () => {
    assert.deepStrictEqual(
      [1, 999_999_999, 1e9, 8e9, 10e9, 34e9, 40e9, 70e9].map((size) => sizeClassOf(size).split(" ")[0]),
      ["tiny", "tiny", "small", "small", "medium", "medium", "large", "large"],
    )
  })
})

describe("categories", () => {
  it("name their models once, and the runs at both ends of what was measured", () => {
    const language = languageRun()
    const slower = languageRun({ id: "slower", values: language.values.map(slow) })
    const [size] = bySize([language, slower, embeddingRun()]).filter(({ models }) => models.includes("Tiny Llama 1B"))
    assert.isDefined(size)
    assert.strictEqual(new Set(size.models).size, size.models.length)
    const range = size.ranges.get("decode_tps_user")
    assert.deepStrictEqual([range?.low.id, range?.high.id], ["slower", language.id])
  })

  it("leave the figures of invalid runs out", () => {
    const invalid = languageRun({ verdict: verdictOf([reason("errors", "all failed")]) })
    const [category] = byQuantization([invalid])
    assert.deepStrictEqual([category?.records.length, category?.ranges.size], [1, 0])
  })

  it("are ordered by bits per weight, most first", () => {
    const bits = byQuantization([languageRun(), embeddingRun()]).map(
      ({ records }) => records[0]!.cell.model.bitsPerWeight!,
    )
    assert.deepStrictEqual(
      bits,
      bits.toSorted((a, b) => b - a),
    )
    assert.lengthOf(bits, 2)
  })
})

const slow = (value: ReturnType<typeof languageRun>["values"][number]): typeof value =>
  "summary" in value.result
    ? {
        ...value,
        result: { ...value.result, summary: { ...value.result.summary, median: value.result.summary.median / 2 } },
      }
    : value
