import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { goalOf, knobsNamed } from "../../src/tune/Wishes.ts"

const none = { decode: undefined, ttft: undefined, output: undefined, kld: undefined, memory: undefined }

describe("goalOf", () => {
  it.effect("has the bounds that flags name, sizes in bytes", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* goalOf(none), {})
      assert.deepStrictEqual(yield* goalOf({ ...none, decode: 30, kld: 0.05, memory: "24GiB" }), {
        decode: 30,
        kld: 0.05,
        memory: 24 * 2 ** 30,
      })
      assert.deepStrictEqual(yield* goalOf({ ...none, memory: "1.5 GB" }), { memory: 1.5e9 })
    }),
  )

  it.effect.each([{ decode: 0 }, { kld: -1 }, { memory: "24" }, { memory: "0GiB" }, { memory: "much" }])(
    "refuses what can't be a bound: %o",
    (flags) =>
      Effect.gen(function* () {
        const failure = yield* Effect.flip(goalOf({ ...none, ...flags }))
        assert.strictEqual(failure.exit, "usage")
        assert.include(failure.message, `--${Object.keys(flags)[0]}`)
      }),
  )
})

describe("knobsNamed", () => {
  it.effect("has names, and values where they are listed, numbers as numbers", () =>
    Effect.gen(function* () {
      const named = yield* knobsNamed(["ubatch", "threads=2,4,2", "kvCache=q8_0,default"])
      assert.deepStrictEqual(
        [...named],
        [
          ["ubatch", []],
          ["threads", [2, 4]],
          ["kvCache", ["q8_0"]],
        ],
      )
    }),
  )

  it.effect.each([{ words: ["=2"] }, { words: ["threads="] }, { words: ["threads", "threads=2"] }])(
    "refuses $words",
    ({ words }) =>
      Effect.gen(function* () {
        assert.include((yield* Effect.flip(knobsNamed(words))).message, "--vary")
      }),
  )
})
