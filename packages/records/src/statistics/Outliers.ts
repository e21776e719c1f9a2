import { median } from "./Quantile.ts"
import { meanOf, medianAbsoluteDeviation } from "./Spread.ts"

/** Beyond this modified z-score a value is an outlier. */
const BOUND = 3.5

/**
 * The positions of outliers in `values`, from 0, which are shown and never dropped: values whose modified z-score,
 * 0.6745 · |x − median| / MAD, is above 3.5. Where more than half of the values are equal, and MAD is zero, the mean
 * absolute deviation is used: |x − median| / (1.2533 · MeanAD).
 * Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers.
 */
export const outliers = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const centre = median(values)
  const scale =
    medianAbsoluteDeviation(values) / 0.6745 || 1.2533 * meanOf(values.map((value) => Math.abs(value - centre)))
  return values.flatMap((value, at) => (scale > 0 && Math.abs(value - centre) / scale > BOUND ? [at] : []))
}
