import { assert, describe, it } from "@effect/vitest"
import { normal, share, reported, trials } from "../../../records/test/statistics/Draws.ts"
import type { Difference } from "../../../records/src/statistics/CompareSamples.ts"
import { compare } from "../../src/comparison/Compare.ts"
import { pairRecords } from "../../src/comparison/PairRecords.ts"
import { record } from "./records.ts"

/** The metrics of a language model that are compared. */
const METRICS = ["ttft", "tpot", "e2e", "prefill_tps", "output_tps", "memory_peak"]

/** Words about two records of ten trials whose `ttft` differs by `change`. */
const words = (draw: () => number, cv: number, change: number): ReadonlyArray<Difference["word"]> => {
  const side = (id: string, factor: number) =>
    record(
      id,
      Object.fromEntries(
        METRICS.map((metric) => {
          const centre = 100 * (metric === "ttft" ? factor : 1)
          return [metric, trials(10, () => centre * (1 + cv * draw()))]
        }),
      ),
    )
  return compare(pairRecords([side("a", 1)], [side("b", 1 + change)])).records[0]!.metrics.map(({ word }) => word)
}

describe("a comparison of ten trials with ten, six metrics at once", () => {
  it.each([0.02, 0.1])("raises a false alarm in one of twenty repetitions at most, CV %d", (cv) => {
    const draw = normal(1)
    const alarms = share(2_000, () => words(draw, cv, 0).some((word) => word !== "no difference found"))
    assert.isAtMost(reported(`any false alarm among six metrics, CV ${100 * cv} %`, alarms), 0.05)
  })

  it("finds a change of 5 % at a CV of 2 % in 95 % of repetitions or more", () => {
    const draw = normal(2)
    const found = share(2_000, () => words(draw, 0.02, 0.05)[0] === "worse")
    assert.isAtLeast(reported("a change of 5 % found, CV 2 %", found), 0.95)
  })
})
