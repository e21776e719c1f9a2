import { assert, it } from "@effect/vitest"
import type { ExpectedTime } from "@rigbook/runner"
import { timeText, totalTime } from "../src/output/Duration.ts"

const time = (basis: ExpectedTime["basis"], value: number): ExpectedTime => ({
  value,
  low: value / 2,
  high: value * 3,
  basis,
  records: basis === "work" ? 0 : 2,
  formula: "given by the test",
})
const known = (...times: Parameters<typeof time>) => ({ value: time(...times) })

it("a time is in the unit that people would use, with a range unless such cells were measured", () => {
  assert.strictEqual(timeText(time("this cell", 0.2)), "about 1 s, by given by the test")
  assert.strictEqual(timeText(time("this cell", 119.6)), "about 2 min, by given by the test")
  assert.strictEqual(
    timeText(time("other models", 100)),
    "about 100 s (50 s to 5 min): an estimate by given by the test",
  )
  assert.strictEqual(
    timeText(time("work", 100_000)),
    "about 28 h (14 h to 3 days): a guess by the work. given by the test",
  )
})

it("a sum says what of it is guessed, and what nobody knows", () => {
  const unknown = { absent: "nobody knows" }
  assert.strictEqual(totalTime([known("this cell", 30), known("this cell", 60)]), "about 90 s")
  assert.strictEqual(totalTime([known("other models", 30), known("this cell", 60)]), "about 90 s (45 s to 5 min)")
  assert.strictEqual(totalTime([known("work", 30), known("work", 60)]), "about 90 s (45 s to 5 min), a guess")
  assert.strictEqual(
    totalTime([known("work", 30), known("this cell", 60), unknown]),
    "about 90 s (45 s to 5 min), guessed for 1 cell, and 1 cell whose time is not known",
  )
  assert.strictEqual(totalTime([unknown]), "how long that takes is known only once it was measured")
})
