import type { RunRecord, Summary } from "@rigbook/core"

/** Relative change within which two figures count as the same. */
export const TOLERANCE = 0.05

/** `unclear`: beyond the tolerance, but the two intervals overlap. */
export type Judgement = "base" | "better" | "flat" | "slower" | "unclear"

/** A run, beside the one that its group is compared with. */
export interface Compared {
  readonly record: RunRecord
  /** Absent when the run has no figure, or is invalid, so that it can't be compared. */
  readonly compared?: { readonly ratio: number; readonly judgement: Judgement }
}

/** Compares a run's figure with the base's; more is better. */
export const compare = (base: RunRecord | undefined, record: RunRecord, metric: string): Pick<Compared, "compared"> => {
  const from = base && comparable(base, metric)
  const to = comparable(record, metric)
  if (from === undefined || to === undefined) return {}
  return {
    compared: { ratio: to.median / from.median, judgement: base === record ? "base" : judge(from, to) },
  }
}

const judge = (from: Summary, to: Summary): Judgement => {
  const ratio = to.median / from.median
  if (ratio < 1 + TOLERANCE && ratio >= 1 - TOLERANCE) return "flat"
  if (overlap(from, to)) return "unclear"
  return ratio > 1 ? "better" : "slower"
}

/** Without intervals nothing can overlap. */
const overlap = (a: Summary, b: Summary): boolean =>
  a.low !== undefined &&
  a.high !== undefined &&
  b.low !== undefined &&
  b.high !== undefined &&
  a.low <= b.high &&
  b.low <= a.high

/** A run's figure, unless it has none or none that may be compared. */
export const comparable = (record: RunRecord, metric: string): Summary | undefined => {
  const result = record.values.find((value) => value.metric === metric)?.result
  return record.verdict.status === "invalid" || result === undefined || !("summary" in result)
    ? undefined
    : result.summary
}

/** What must be equal in all compared runs, whatever the placement and the requests. */
export const conditions = ({ cell }: RunRecord, options = cell.options): ReadonlyArray<unknown> => [
  cell.backend,
  options,
  cell.host.fingerprint,
  [cell.runtime.program, cell.runtime.version, cell.runtime.libraries],
  cell.model.sha256,
  cell.prompts.sha256,
]
