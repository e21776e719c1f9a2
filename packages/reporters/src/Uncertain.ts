import type { Summary } from "@rigbook/core"

/** Keeps a figure and what belongs to it on one line. */
export const NBSP = "\u00a0"

type Centre = Pick<Summary, "median" | "low" | "high">

/** What memory is shown in. */
export type MemoryUnit = "MiB" | "GiB"

/**
 * A median with the larger side of its 95 % interval, both rounded to where that side begins: `35 ± 5` for 35.1 (32.2 to
 * 40.3). The side has one digit, or two if the first is 1. Without an interval a figure has two digits. Bytes bring their
 * unit, `memory` or their own, and their interval only where it is 2 % wide or more.
 */
export const uncertain = (summary: Centre, unit: string, memory?: MemoryUnit): string => {
  if (unit === "B") return memoryWithInterval(summary, memory ?? memoryUnit([summary.median]))
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

const SIZES = { MiB: 2 ** 20, GiB: 2 ** 30 } as const
const NARROW = 0.02

/** The unit of figures that are read beside each other: MiB where all are below 2 GiB, else GiB. */
export const memoryUnit = (all: Iterable<number | undefined>): MemoryUnit => {
  for (const bytes of all) if (bytes !== undefined && bytes >= 2 * SIZES.GiB) return "GiB"
  return "MiB"
}

const memoryWithInterval = (summary: Centre, unit: MemoryUnit): string => {
  const size = SIZES[unit]
  const { high = summary.median, low = summary.median, median } = summary
  const half = (halfOf(summary) ?? 0) / size
  const place = memoryPlace(median / size, unit)
  const shown =
    half === 0 || high - low < NARROW * median
      ? grouped(median / size, place)
      : both(median / size, half, Math.max(place, sidePlace(half)))
  return `${shown}${NBSP}${unit}`
}

/** Whole MiB; tenths of GiB, and three digits of less than two. */
const memoryPlace = (value: number, unit: MemoryUnit): number => {
  if (unit === "MiB") return 0
  return value >= 2 || value === 0 ? -1 : placeOf(value) - 2
}

/** Bytes without an interval; without a unit in MiB below 2 GiB, else in GiB. */
export const memoryText = (bytes: number, unit = memoryUnit([bytes])): string =>
  memoryWithInterval({ median: bytes }, unit)
