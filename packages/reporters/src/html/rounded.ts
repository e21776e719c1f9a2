/**
 * A number of six significant digits, more than are shown; the record has all of them. It is
 * `Number(value.toPrecision(6))`, for most figures in less than half of its time: a large page has two million.
 */
export const rounded = (value: number): number => {
  const size = Math.abs(value)
  const scale = size < 10 ? 1e5 : size < 1e2 ? 1e4 : size < 1e3 ? 1e3 : size < 1e4 ? 1e2 : size < 1e5 ? 10 : 1
  const digits = value * scale
  // Near the middle of two whole numbers the product's own rounding could decide; two exact numbers divided can't be
  // wrong.
  const isClear = size >= 1 && size < 1e6 && Math.abs(Math.abs(digits % 1) - 0.5) > 1e-4
  return isClear ? Math.round(digits) / scale : Number(value.toPrecision(6))
}
