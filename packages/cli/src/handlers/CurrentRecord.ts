import type { CellSpec, RunRecord } from "@rigbook/core"

/** The record that a run reuses in place of measuring a cell again; `undefined` if there is none. */
export const currentRecord = (
  records: ReadonlyArray<RunRecord>,
  { identity }: Pick<CellSpec, "identity">,
): RunRecord | undefined =>
  records.findLast(({ cell, verdict }) => cell.identity === identity && verdict.status !== "invalid")
