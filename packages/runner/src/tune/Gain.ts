import { hodgesLehmann, mannWhitney } from "@rigbook/records"
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
  /** `better` and `worse` are certain at 5 %, after dividing that by the number of tests, and at least 2 %. */
  readonly word: "better" | "worse" | "no difference found"
}

const LEVEL = 0.05
/** As `compare` has it: a smaller change is ignored. */
const THRESHOLD = 0.02

/**
 * What the step from `a` to `b` brings in one figure, by the statistics of `compare`: the Hodges–Lehmann shift of the
 * logarithms, so that it is a factor, and the Mann–Whitney test. `tests`: how many variants are compared with `a`
 * (Bonferroni's correction, the first step of Holm's). A loss is not noisy: its intervals must not overlap.
 * `undefined` where one of the two has no such figure.
 */
export const gainOf = (a: Figures, b: Figures, figure: FigureName, tests = 1): Gain | undefined => {
  if (figure === "kld") return lossGain(a, b)
  const [before = [], after = []] = [a.trials[figure], b.trials[figure]]
  if (before.length === 0 || after.length === 0) return undefined
  const logs = [before, after].map((values) => values.map((value) => Math.log(value)))
  const { estimate, interval } = hodgesLehmann(logs[0]!, logs[1]!)
  const { p } = mannWhitney(before, after)
  const isCertain = p * tests < LEVEL && Math.abs(Math.expm1(estimate)) >= THRESHOLD
  const ends = interval === undefined ? {} : { low: Math.exp(interval.low), high: Math.exp(interval.high) }
  return { figure, ratio: { estimate: Math.exp(estimate), ...ends }, p, word: wordOf(figure, estimate, isCertain) }
}

const lossGain = ({ loss: a }: Figures, { loss: b }: Figures): Gain | undefined => {
  if (a === undefined || b === undefined) return undefined
  const estimate = b.value - a.value
  const isCertain = estimate < 0 ? b.high < a.low : b.low > a.high
  return { figure: "kld", shift: { estimate }, word: wordOf("kld", estimate, isCertain) }
}

const wordOf = (figure: FigureName, change: number, isCertain: boolean): Gain["word"] =>
  !isCertain ? "no difference found" : change > 0 === (FIGURES[figure].better === "higher") ? "better" : "worse"
