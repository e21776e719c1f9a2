import { bounds, canonicalJson, isQuality, type RunRecord, Scenario } from "@rigbook/core"
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
  if (cell === undefined || "absent" in cell.time || cell.time.value.basis !== "this cell") return undefined
  const like = records.find(({ cell: { config } }) => config.id === cell.config.id)
  if (like === undefined) return undefined
  const { trials, warmup } = like.cell.protocol
  return cell.time.value.value / (bounds(trials).max + bounds(warmup).max)
}

/** Seconds that a trial took, with loading shared out; `undefined` of losses alone, whose trials are not what a search repeats. */
export const secondsOf = (records: ReadonlyArray<RunRecord>): number | undefined => {
  const timed = records.filter(
    ({ cell, samples, verdict }) =>
      !isQuality(cell.scenario) &&
      samples.measured > 0 &&
      !verdict.reasons.some(({ code }) => code === "engine-restarted"),
  )
  const trials = timed.reduce((sum, { samples }) => sum + samples.measured, 0)
  const wall = timed.reduce((sum, { finishedAt, startedAt }) => sum + Date.parse(finishedAt) - Date.parse(startedAt), 0)
  return trials === 0 ? undefined : wall / 1000 / trials
}
