import { assert, describe, it } from "@effect/vitest"
import { hodgesLehmann } from "../../src/statistics/HodgesLehmann.ts"
import { mannWhitney } from "../../src/statistics/MannWhitney.ts"
import { meanInterval } from "../../src/statistics/MeanInterval.ts"
import { minimumDetectableEffect } from "../../src/statistics/MinimumDetectableEffect.ts"
import { coefficientOfVariation } from "../../src/statistics/Spread.ts"
import { summarize } from "../../src/statistics/Summary.ts"
import { wideIntervals } from "../../src/verdict/Settled.ts"
import { type Draw, normal, share, reported, trials } from "./Draws.ts"

/*
 * What the intervals and tests promise, against simulated trials. Seeded: the same figures on every machine.
 * `pnpm check:statistics` prints them.
 */
const CV = 0.02

/** As wide as times are: normal, and with a long tail to the right. Both have the mean and median that `centre` says. */
const SHAPES: ReadonlyArray<readonly [string, (seed: number) => Draw]> = [
  [
    "normal",
    (seed) => {
      const draw = normal(seed)
      return () => 100 * (1 + CV * draw())
    },
  ],
  [
    "log-normal",
    (seed) => {
      const draw = normal(seed)
      return () => 100 * Math.exp(0.15 * draw())
    },
  ],
]

describe("95 % intervals hold the truth in 93 to 98 % of repetitions", () => {
  for (const [shape, make] of SHAPES)
    for (const [n, repetitions] of [
      [10, 10_000],
      [30, 1_000],
    ] as const) {
      const mean = shape === "normal" ? 100 : 100 * Math.exp(0.15 ** 2 / 2)
      it(`${shape}, n = ${n}`, () => {
        const draw = make(n)
        const covers = ({ high, low }: { readonly low?: number; readonly high?: number }, truth: number) =>
          low! <= truth && truth <= high!
        const found = [
          reported(
            `median, order statistics, ${shape}, n = ${n}`,
            share(repetitions, () => covers(summarize(trials(n, draw))!, 100)),
          ),
          reported(
            `mean, Student's t, ${shape}, n = ${n}`,
            share(repetitions, () => covers(meanInterval(trials(n, draw))!, mean)),
          ),
          reported(
            `shift, Hodges–Lehmann, ${shape}, n = ${n} and ${n}`,
            share(repetitions, () => covers(hodgesLehmann(trials(n, draw), trials(n, draw)).interval!, 0)),
          ),
        ]
        for (const coverage of found) assert.isTrue(coverage >= 0.93 && coverage <= 0.98, String(coverage))
      })
    }
})

describe("the detectable effect is found in four of five repetitions", () => {
  it.each([5, 10, 20])("n = %i", (n) => {
    const draw = SHAPES[0]![1](n)
    const steps = Array.from({ length: n }, (_, at) => 1 + (at - (n - 1) / 2) / n)
    const exact = steps.map((step) => 1 + ((step - 1) * CV) / coefficientOfVariation(steps)!)
    const effect = minimumDetectableEffect(exact, exact)!
    const power = share(3_000, () => {
      const b = trials(n, draw).map((value) => value * (1 + effect))
      return mannWhitney(trials(n, draw), b).p < 0.05
    })
    reported(`a change of ${(100 * effect).toFixed(2)} % found, CV 2 %, n = ${n}`, power)
    assert.approximately(power, 0.8, 0.06)
  })
})

/*
 * Trials that go on until the interval is narrow stop more readily where it happens to be too narrow. With the least
 * number that is requested, the interval still holds the truth about as often as it says.
 */
describe("trials that go on until the interval of the median is narrow", () => {
  it.each([
    [0.02, 10, 0.02],
    [0.05, 10, 0.02],
    [0.05, 6, 0.03],
  ])("CV %d, from %i trials to 30, within %d", (cv, min, within) => {
    const draw = normal(min)
    let made = 0
    const repetitions = 4_000
    const coverage = share(repetitions, () => {
      const values = [...trials(min, () => 100 * (1 + cv * draw()))]
      while (values.length < 30 && wideIntervals([{ title: "", values }], within).length > 0)
        values.push(100 * (1 + cv * draw()))
      made += values.length
      const { high, low } = summarize(values)!
      return low! <= 100 && 100 <= high!
    })
    const mean = (made / repetitions).toFixed(1)
    reported(`until ±${100 * within} %, CV ${100 * cv} %, from ${min} trials (${mean} made)`, coverage)
    assert.isTrue(coverage >= 0.93 && coverage <= 0.99, String(coverage))
  })
})
