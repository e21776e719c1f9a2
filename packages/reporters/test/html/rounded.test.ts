import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { rounded } from "../../src/html/rounded.ts"

const agrees = (value: number): void => assert.strictEqual(rounded(value), Number(value.toPrecision(6)), String(value))

describe("rounded", () => {
  it.prop("is the number of six significant digits", { value: Schema.Finite }, ({ value }) => agrees(value))

  it("is so at the ends and in the middle of what six digits can tell", () => {
    for (const power of [-300, -7, -3, 0, 1, 2, 3, 4, 5, 6, 9, 22, 300])
      for (const digits of [
        1, 1.000005, 1.23456, 1.234565, 1.2345649999, 4.999995, 9.99999, 9.999994, 9.999995, 9.9999999,
      ])
        for (const sign of [1, -1]) agrees(sign * digits * 10 ** power)
    for (const value of [0, -0, Number.MIN_VALUE, Number.MAX_VALUE]) agrees(value)
  })

  it("is so for figures of any size", () => {
    let seed = 1
    for (let step = 0; step < 100_000; step++) {
      seed = (seed * 48_271) % 2_147_483_647
      agrees((seed / 2_147_483_647 - 0.5) * 10 ** (step % 10))
    }
  })
})
