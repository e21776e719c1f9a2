/** Smaller cases, each by one change: a list without one of its items, a number that is half as large. Pure. */
export const smaller = (value: unknown): ReadonlyArray<unknown> => {
  if (typeof value === "number" && value > 0)
    return [...new Set([0, Math.floor(value / 2)])].filter((next) => next < value)
  if (value === true) return [false]
  if (Array.isArray(value)) {
    const list = value as ReadonlyArray<unknown>
    return [...list.map((_, at) => list.toSpliced(at, 1)), ...inside(list, (at, next) => list.with(at, next))]
  }
  if (typeof value !== "object" || value === null) return []
  const keys = Object.keys(value)
  return inside(Object.values(value), (at, next) => ({ ...value, [keys[at]!]: next }))
}

const inside = (values: ReadonlyArray<unknown>, put: (at: number, next: unknown) => unknown): ReadonlyArray<unknown> =>
  values.flatMap((inner, at) => smaller(inner).map((next) => put(at, next)))

/** The smallest case found in so many tries for which this still holds. */
export const shrink = async (
  fault: unknown,
  holds: (fault: unknown) => Promise<boolean>,
  tries: number,
): Promise<unknown> => {
  let [least, left] = [fault, tries]
  for (let again = true; again && left > 0;) {
    again = false
    for (const next of smaller(least)) {
      if (left-- <= 0) break
      if (!(await holds(next))) continue
      least = next
      again = true
      break
    }
  }
  return least
}
