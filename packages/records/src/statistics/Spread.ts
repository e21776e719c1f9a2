import { median } from "./Quantile.ts"

/* Sources: the textbooks' definitions; for the median absolute deviation F. R. Hampel, JASA 69 (1974) 383. */

/** Arithmetic mean of `values`, in their unit; NaN for none. */
export const meanOf = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Sample standard deviation of `values`, in their unit, with n − 1 below it; `undefined` for less than two. */
export const standardDeviation = (values: ReadonlyArray<number>): number | undefined => {
  if (values.length < 2) return undefined
  const mean = meanOf(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}

/** Coefficient of variation of `values`: sample standard deviation / |mean|; `undefined` for one value or a mean of zero. */
export const coefficientOfVariation = (values: ReadonlyArray<number>): number | undefined => {
  const deviation = standardDeviation(values)
  const mean = meanOf(values)
  return deviation === undefined || mean === 0 ? undefined : deviation / Math.abs(mean)
}

/** Median absolute deviation of `values` from their median, in their unit, not scaled; NaN for none. */
export const medianAbsoluteDeviation = (values: ReadonlyArray<number>): number => {
  const centre = median(values)
  return median(values.map((value) => Math.abs(value - centre)))
}
