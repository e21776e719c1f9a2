import { type MemoryUnit, memoryUnit } from "./Uncertain.ts"

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const

/** What a table shows for a missing value. */
export const MISSING = "–"

/** A value where there is one. */
export const known = <A>(value: A | undefined, show: (value: A) => string): string =>
  value === undefined ? MISSING : show(value)

/**
 * A number for people: `digits` significant digits, all digits of its integer part, no grouping, the same under every
 * locale. Exact values are for JSON and CSV.
 */
export const significant = (value: number, digits = 4): string => {
  if (value === 0) return "0"
  const shown = value.toPrecision(digits)
  // Tiny values keep an exponent; large ones have all their digits.
  return shown.includes("e+") ? value.toFixed() : shown
}

/** Bytes in `shown`, or in the largest binary unit that leaves an integer part: `812.5 MiB`, `1.207 GiB`. */
export const bytes = (count: number, shown?: MemoryUnit): string => {
  const unit =
    shown === undefined
      ? BYTE_UNITS.findLastIndex((_, power) => Math.abs(count) >= 1024 ** power)
      : BYTE_UNITS.indexOf(shown)
  const value = count / 1024 ** Math.max(0, unit)
  return `${unit <= 0 ? String(count) : significant(value)} ${BYTE_UNITS[Math.max(0, unit)]}`
}

/** A metric's value below a header that names `unit`; bytes carry theirs, which is `memory` or their own. */
export const figure = (value: number, unit: string, memory?: MemoryUnit): string =>
  unit === "B" ? bytes(value, memory) : significant(value)

/** `lowest to highest`, bytes in one unit. */
export const rangeText = (low: number, high: number, unit: string): string => {
  const memory = memoryUnit([high])
  return `${figure(low, unit, memory)} to ${figure(high, unit, memory)}`
}

/** `title (unit)` for a column; bytes carry their unit in the cell, and scores have none. */
export const withUnit = (title: string, unit: string): string =>
  unit === "B" || unit === "score" ? title : `${title} (${unit})`

/** The error of an estimate, relative to what was observed: `+3.1 %` if it is too high. */
export const errorText = (share: number): string => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)} %`

/** A share of 1 in percent, without the sign. */
export const percent = (share: number): string => significant(share * 100, 3)

/** A count of weights: `22.71 million (22713216)`. */
export const parameters = (count: number): string => {
  if (count >= 1e9) return `${significant(count / 1e9)} billion (${count})`
  return count >= 1e6 ? `${significant(count / 1e6)} million (${count})` : String(count)
}

/** The UTC date of an ISO 8601 time; the text itself if it is not one. */
export const utcDate = (time: string): string => {
  const parsed = new Date(time)
  return Number.isNaN(parsed.getTime()) ? time : parsed.toISOString().slice(0, 10)
}

/** Seconds for people: `8.40 s`, `2 min 5 s`, `1 h 12 min`. */
export const duration = (seconds: number): string => {
  if (seconds < 60) return `${significant(seconds, 3)} s`
  const whole = Math.round(seconds)
  return whole < 3600
    ? `${Math.floor(whole / 60)} min ${whole % 60} s`
    : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** Enough of a hash to recognise it by. */
export const shortHash = (hash: string): string => hash.slice(0, 12)

/** `context` as a heading: `Context`. */
export const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
