/**
 * A count of weights for people, as models are named by it: `1.10 B`, `134 M`. Three digits, and all of the integer
 * part; an exact count ends with its last digit: `30 B`.
 */
export const weightCount = (count: number): string => {
  if (count < 1e6) return String(count)
  const [unit, name] = count >= 999.5e6 ? ([1e9, "B"] as const) : ([1e6, "M"] as const)
  const value = count / unit
  const digits = value < 999.5 ? value.toPrecision(3) : value.toFixed()
  return `${Number(digits) === value ? value : digits} ${name}`
}
