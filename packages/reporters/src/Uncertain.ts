import type { Summary } from "@rigbook/core"

/** Keeps a figure and what belongs to it on one line. */
export const NBSP = "\u00a0"

type Centre = Pick<Summary, "median" | "low" | "high">

/**
 * A median with the larger side of its 95 % interval, both rounded to where that side begins: `35 ± 5` for 35.1 (32.2 to
 * 40.3). The side has one digit, or two if the first is 1. Without an interval a figure has two digits. Bytes bring their
 * unit, and their interval only where it is 2 % wide or more.
 */
export const uncertain = (summary: Centre, unit: string): string => {
  if (unit === "B") return memory(summary)
  const half = halfOf(summary)
  if (half === undefined) return grouped(Number(summary.median.toPrecision(2)), placeOf(summary.median) - 1)
  return half === 0 ? grouped(summary.median, placeOf(summary.median) - 2) : both(summary.median, half, sidePlace(half))
}

/** The larger side of the interval; `undefined` where there is none. */
const halfOf = ({ high, low, median }: Centre): number | undefined =>
  low === undefined || high === undefined ? undefined : Math.max(high - median, median - low)

const both = (value: number, half: number, place: number): string =>
  `${grouped(value, place)}${NBSP}±${NBSP}${grouped(half, place)}`

/** The power of ten of a number's first digit. */
const placeOf = (value: number): number => (value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value))))

/** Where a side is rounded: at its first digit, or the second if the first is 1. */
const sidePlace = (half: number): number => {
  const place = placeOf(half)
  return half / 10 ** place < 1.95 ? place - 1 : place
}

/** Rounded at a power of ten, with commas between thousands. */
export const grouped = (value: number, place = 0): string => {
  const shown =
    place < 0 ? value.toFixed(Math.min(100, -place)) : (Math.round(value / 10 ** place) * 10 ** place).toFixed(0)
  if (Math.abs(value) < 999) return shown // most figures have nothing to part
  const [whole = "", ...rest] = shown.split(".")
  return [whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ","), ...rest].join(".")
}

const [MIB, GIB] = [2 ** 20, 2 ** 30]
const NARROW = 0.02

const memory = (summary: Centre): string => {
  const isSmall = summary.median < 2 * GIB
  const [size, unit, place] = isSmall ? [MIB, "MiB", 0] : [GIB, "GiB", -1]
  const { high = summary.median, low = summary.median, median } = summary
  const half = (halfOf(summary) ?? 0) / size
  const shown =
    half === 0 || high - low < NARROW * median
      ? grouped(median / size, place)
      : both(median / size, half, Math.max(place, sidePlace(half)))
  return `${shown}${NBSP}${unit}`
}

/** Bytes without an interval, in MiB below 2 GiB, else in GiB. */
export const memoryText = (bytes: number): string => memory({ median: bytes })
