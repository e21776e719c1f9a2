import type { ImportedFigure, ImportedResult } from "@rigbook/core"
import { valuesNeeded } from "@rigbook/records"
import { Schema } from "effect"

type LeftOut = ImportedResult["leftOut"][number]

/** A number as tools write it; a name may replace what JSON has no number for. */
export const ReportedNumber = Schema.Union([Schema.Finite, Schema.Literals(["NaN", "Infinity", "-Infinity"])])

/** An optional number. */
export const Reported = Schema.optionalKey(Schema.NullOr(ReportedNumber))
type Reported = typeof ReportedNumber.Type | null | undefined

/** A figure as a file states it. */
interface ReportedFigure extends Omit<ImportedFigure, "value" | "deviation" | "error" | "p95" | "p99"> {
  readonly value: Reported
  readonly deviation?: Reported
  readonly error?: Reported
  readonly p95?: Reported
  readonly p99?: Reported
}

export type Taken = Pick<ImportedResult, "figures" | "leftOut">

/** Figures of several, in their order. */
export const together = (...taken: ReadonlyArray<Taken>): Taken => ({
  figures: taken.flatMap(({ figures }) => figures),
  leftOut: taken.flatMap(({ leftOut }) => leftOut),
})

/**
 * A figure if the file states it; else why it is left out. No time and no speed is 0: tools write 0 if
 * nothing was measured, such as in a run where no request completed. What the file does not mention is not reported.
 */
export const taken = ({ deviation, error, p95, p99, value, ...figure }: ReportedFigure): Taken => {
  if (value === undefined) return { figures: [], leftOut: [] }
  const reason = figure.n === 0 ? "no request completed" : unusable(value, figure.unit)
  if (reason !== undefined || typeof value !== "number")
    return { figures: [], leftOut: [{ name: figure.name, reason: reason ?? "it is not a number" }] }
  const leftOut: Array<LeftOut> = []
  const percentile = (quantile: number, reported: Reported): number | undefined => {
    if (reported === undefined || reported === null) return undefined
    const needed = valuesNeeded(quantile)
    const few =
      figure.n !== undefined && figure.n < needed ? `it needs ${needed} requests, there were ${figure.n}` : undefined
    const why = few ?? unusable(reported, figure.unit)
    if (why === undefined && typeof reported === "number") return reported
    leftOut.push({ name: `${figure.name} p${100 * quantile}`, reason: why ?? "it is not a number" })
    return undefined
  }
  const [at95, at99] = [percentile(0.95, p95), percentile(0.99, p99)]
  return {
    figures: [
      {
        ...figure,
        value,
        ...(typeof deviation === "number" ? { deviation } : {}),
        ...(typeof error === "number" ? { error } : {}),
        ...(at95 === undefined ? {} : { p95: at95 }),
        ...(at99 === undefined ? {} : { p99: at99 }),
      },
    ],
    leftOut,
  }
}

const unusable = (value: Exclude<Reported, undefined>, unit: string): string | undefined => {
  if (value === null) return "the file has no value for it"
  if (typeof value === "string") return `the file says ${value}`
  if (unit === "score" || value > 0) return undefined
  return value === 0
    ? `the file says 0 ${unit}: nothing was measured`
    : `the file says ${value} ${unit}: it can't be below 0`
}

interface Requests {
  readonly completed: number
  readonly failed?: number | undefined
  /** Still running when the run was ended. */
  readonly cut?: number | undefined
  readonly requested?: number | undefined
}

/** How many of the requests completed, and how the others ended. */
export const requestsText = ({ requested, completed, cut = 0, failed = 0 }: Requests): string => {
  const all = Math.max(requested ?? 0, completed + failed + cut)
  const unreported = all - completed - failed - cut
  const others = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(cut > 0 ? [`${cut} cut short`] : []),
    ...(unreported > 0 ? [`${unreported} did not complete`] : []),
  ]
  return `${completed} of ${all} requests${others.length === 0 ? "" : ` (${others.join(", ")})`}`
}
