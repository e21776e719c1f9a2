import { compareSamples, type Difference } from "@rigbook/records"
import { type FigureName, FIGURES, type Figures } from "./Goal.ts"

/** How a figure differs between two variants. */
export interface Gain {
  readonly figure: FigureName
  /** The factor from the first to the second, with its 95 % interval where there are enough trials; left out for a loss. */
  readonly ratio?: { readonly estimate: number; readonly low?: number; readonly high?: number }
  /** Of a loss: the difference in nats. */
  readonly shift?: { readonly estimate: number }
  /** Two-sided probability of the Mann–Whitney test, 0 to 1; left out where no test applies. */
  readonly p?: number
  /** As `compare` has it: `better` and `worse` are certain at 5 %, after correction for the tests, and at least 2 %. */
  readonly word: Difference["word"]
}

/**
 * What the step from `a` to `b` brings in one figure, by the rule of `compare`. `tests`: how many variants are compared
 * with `a`, of which `b` is the nearest. A loss is not noisy: its intervals must not overlap. `undefined` where one of the
 * two has no such figure.
 */
export const gainOf = (a: Figures, b: Figures, figure: FigureName, tests = 1): Gain | undefined => {
  if (figure === "kld") return lossGain(a, b)
  const [before = [], after = []] = [a.trials[figure], b.trials[figure]]
  if (before.length === 0 || after.length === 0) return undefined
  const { better } = FIGURES[figure]
  const [difference] = compareSamples([{ a: before, b: after, better }], undefined, tests)
  const { change, p, word } = difference!
  return { figure, ...(change === undefined ? {} : { ratio: factorOf(change) }), p, word }
}

/** 5 % more is a factor of 1.05. */
const factorOf = ({ estimate, high, low }: NonNullable<Difference["change"]>): NonNullable<Gain["ratio"]> => ({
  estimate: 1 + estimate,
  ...(low === undefined ? {} : { low: 1 + low }),
  ...(high === undefined ? {} : { high: 1 + high }),
})

const lossGain = ({ loss: a }: Figures, { loss: b }: Figures): Gain | undefined => {
  if (a === undefined || b === undefined) return undefined
  const estimate = b.value - a.value
  const isCertain = estimate < 0 ? b.high < a.low : b.low > a.high
  return {
    figure: "kld",
    shift: { estimate },
    word: !isCertain ? "no difference found" : estimate < 0 ? "better" : "worse",
  }
}
