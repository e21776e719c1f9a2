import { median } from "./Quantile.ts"

/** Arithmetic mean; NaN for no values. */
export const meanOf = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Sample standard deviation, with n − 1 below it; `undefined` for less than two values. */
export const standardDeviation = (values: ReadonlyArray<number>): number | undefined => {
  if (values.length < 2) return undefined
  const mean = meanOf(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}

/** Coefficient of variation: sample standard deviation / |mean|; `undefined` for a single value or a mean of zero. */
export const coefficientOfVariation = (values: ReadonlyArray<number>): number | undefined => {
  const deviation = standardDeviation(values)
  const mean = meanOf(values)
  return deviation === undefined || mean === 0 ? undefined : deviation / Math.abs(mean)
}

/** Median absolute deviation from the median, not scaled; NaN for no values. */
export const medianAbsoluteDeviation = (values: ReadonlyArray<number>): number => {
  const centre = median(values)
  return median(values.map((value) => Math.abs(value - centre)))
}
