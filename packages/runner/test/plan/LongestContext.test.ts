import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { longestContext } from "../../src/plan/LongestContext.ts"

describe("longestContext", () => {
  const Tokens = Schema.Int.check(Schema.isBetween({ minimum: 256, maximum: 200_000 }))

  it.prop("finds the last multiple of 256 that fits", { trained: Tokens, limit: Tokens }, ({ limit, trained }) => {
    const fits = (tokens: number): boolean => tokens <= limit
    const expected = limit >= trained ? trained : Math.floor(limit / 256) * 256
    assert.deepStrictEqual(longestContext(trained, fits), { value: expected })
  })

  it("says why there is none", () => {
    assert.deepStrictEqual(
      longestContext(4096, () => false),
      { absent: "not even 256 tokens fit" },
    )
    assert.deepStrictEqual(
      longestContext(undefined, () => true),
      {
        absent: "the model's files don't state a context length",
      },
    )
  })
})
