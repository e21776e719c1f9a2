/** The key that a column is sorted by. `undefined` is a missing figure. */
export type Key = number | string | undefined

export type Direction = "ascending" | "descending"

/** Rows by their keys: equal ones keep their order, missing ones come last either way. Pure. */
export const ordered = <Row>(
  rows: ReadonlyArray<Row>,
  keyOf: (row: Row) => Key,
  direction: Direction,
): ReadonlyArray<Row> => {
  const sign = direction === "ascending" ? 1 : -1
  return rows
    .map((row) => ({ row, key: keyOf(row) }))
    .toSorted(({ key: a }, { key: b }) => {
      if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
      return sign * (typeof a === "number" && typeof b === "number" ? a - b : byText(String(a), String(b)))
    })
    .map(({ row }) => row)
}

/** By code unit, so that the order is the same for every reader. */
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
