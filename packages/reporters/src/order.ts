import type { RunRecord } from "@rigbook/core"

/** By the time of their start, then by id: one order, however the records were found. */
export const inTime = (records: ReadonlyArray<RunRecord>): ReadonlyArray<RunRecord> =>
  records.toSorted((a, b) => byCodeUnit(a.startedAt, b.startedAt) || byCodeUnit(a.id, b.id))

/** The same under every locale. */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
