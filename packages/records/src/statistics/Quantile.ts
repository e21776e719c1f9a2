/**
 * The `q` quantile of sorted values by linear interpolation (R type 7, NumPy's default). Source: R. J. Hyndman and Y. Fan,
 * The American Statistician 50 (1996) 361.
 */
export const quantile = (sorted: ArrayLike<number>, q: number): number => {
  const at = (sorted.length - 1) * q
  const below = sorted[Math.floor(at)]!
  const above = sorted[Math.ceil(at)]!
  return below + (above - below) * (at - Math.floor(at))
}

/** The median of `values`, in one unit of any kind and in any order; NaN for none. */
export const median = (values: ReadonlyArray<number>): number =>
  values.length === 0
    ? Number.NaN
    : quantile(
        values.toSorted((a, b) => a - b),
        0.5,
      )
