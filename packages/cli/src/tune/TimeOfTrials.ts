import { bounds, canonicalJson, type RunRecord, Scenario } from "@rigbook/core"
import { type PlannedCell } from "@rigbook/runner"
import { Option, Schema } from "effect"

/** Seconds for a trial of a target's scenario by earlier records, loading shared out; `undefined` if there are none. */
export const secondsPerTrial = <R>(
  records: ReadonlyArray<RunRecord>,
  cells: ReadonlyArray<PlannedCell<R>>,
  scenario: unknown,
): number | undefined => {
  const wanted = Schema.decodeUnknownOption(Scenario)(scenario)
  if (Option.isNone(wanted)) return undefined
  const cell = cells.find((candidate) => canonicalJson(candidate.scenario) === canonicalJson(wanted.value))
  if (cell === undefined || "absent" in cell.seconds) return undefined
  const like = records.find(({ cell: { config } }) => config.id === cell.config.id)
  if (like === undefined) return undefined
  const { trials, warmup } = like.cell.protocol
  return cell.seconds.value / (bounds(trials).max + bounds(warmup).max)
}
