import { createRequire } from "node:module"

/** The part of jStat that is used here; it comes without types. Source: jStat 1.9, compared with SciPy by the tests. */
interface JStat {
  readonly normal: {
    readonly cdf: (x: number, mean: number, standardDeviation: number) => number
    readonly inv: (p: number, mean: number, standardDeviation: number) => number
  }
  readonly studentt: { readonly inv: (p: number, degreesOfFreedom: number) => number }
}

let library: JStat | undefined

/** Loaded when the first interval or p-value is needed: most commands need none. */
const jstat = (): JStat => (library ??= createRequire(import.meta.url)("jstat") as JStat)

/** P(Z ≤ z) of the standard normal distribution. */
export const normalCdf = (z: number): number => jstat().normal.cdf(z, 0, 1)

/** The `p` quantile of the standard normal distribution. */
export const normalQuantile = (p: number): number => jstat().normal.inv(p, 0, 1)

/** The `p` quantile of Student's t distribution; to seven digits, more than its uses here show. */
export const tQuantile = (p: number, degreesOfFreedom: number): number => jstat().studentt.inv(p, degreesOfFreedom)
