import jStat from "jstat"

/** The same functions of the same library that the command line compares with: a page can't load it when needed. */
interface JStat {
  readonly normal: {
    readonly cdf: (x: number, mean: number, standardDeviation: number) => number
    readonly inv: (p: number, mean: number, standardDeviation: number) => number
  }
  readonly studentt: { readonly inv: (p: number, degreesOfFreedom: number) => number }
}

const { normal, studentt } = jStat as JStat

export const normalCdf = (z: number): number => normal.cdf(z, 0, 1)

export const normalQuantile = (p: number): number => normal.inv(p, 0, 1)

export const tQuantile = (p: number, degreesOfFreedom: number): number => studentt.inv(p, degreesOfFreedom)
