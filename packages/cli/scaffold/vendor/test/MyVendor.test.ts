import { vendorSuite } from "@rigbook/testkit"
import { assert, it } from "vitest"
import { PRINTED, subject } from "../src/check.ts"
import { myVendor } from "../src/index.ts"
import { readingsOf } from "../src/Parse.ts"

vendorSuite(myVendor, subject)

it("reads what the tool prints", () => {
  const [first] = readingsOf(PRINTED)
  assert.deepStrictEqual(first?.values, { usedBytes: 512 * 2 ** 20, temperatureC: 41 })
})
