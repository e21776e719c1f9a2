import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { linesOf as partsOf } from "../../src/json/lines.ts"
import { whole } from "../../src/parts.ts"

const Flat = Schema.Union([Schema.String, Schema.Finite, Schema.Null, Schema.Array(Schema.Finite)])
const Tree = Schema.Record(Schema.String, Schema.Union([Flat, Schema.Array(Schema.Record(Schema.String, Flat))]))

const linesOf = (value: unknown): string => whole(partsOf(value))

describe("linesOf", () => {
  it("gives what has no object inside one line", () => {
    assert.strictEqual(
      linesOf({ name: "a\nb", none: [], runs: [{ id: "x", values: { ttft: { median: 1.5, trials: [1, 2] } } }] }),
      `{
  "name": "a\\nb",
  "none": [],
  "runs": [
    {
      "id": "x",
      "values": {
        "ttft": {"median":1.5,"trials":[1,2]}
      }
    }
  ]
}
`,
    )
  })

  it.prop("is JSON that says the same", { tree: Tree }, ({ tree }) => {
    assert.deepStrictEqual(JSON.parse(linesOf(tree)), JSON.parse(JSON.stringify(tree)))
    // What is made when it is written is no different.
    assert.strictEqual(linesOf({ inner: () => tree, list: [() => tree] }), linesOf({ inner: tree, list: [tree] }))
  })

  it("never makes a number that is none a null", () => {
    for (const wrong of [NaN, Infinity, -Infinity])
      for (const value of [{ a: wrong }, { a: { b: { c: wrong } } }, { a: [wrong] }, { a: { b: [1, wrong] } }])
        assert.throws(() => linesOf(value), /which is not a number/)
  })
})
