/**
 * p-values adjusted for there being several of them (Holm's step-down method): the chance of one false alarm or more
 * among all stays below the level that each is compared with. In the order of `values`.
 * Source: S. Holm, Scandinavian Journal of Statistics 6 (1979) 65.
 */
export const holm = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const adjusted = Array<number>(values.length)
  let largest = 0
  for (const [rank, at] of [...values.keys()].toSorted((i, j) => values[i]! - values[j]!).entries()) {
    largest = Math.max(largest, Math.min(1, (values.length - rank) * values[at]!))
    adjusted[at] = largest
  }
  return adjusted
}
