import type { NextStep, Planned, RunRecord } from "@rigbook/core"
import type { ConfigOutline } from "@rigbook/records"

const PRIORITIES: ReadonlyArray<Planned["priority"]> = ["high", "normal", "low"]

/** What is planned and not yet valid, by priority and id. `records`: the current ones of each config, by id. Pure. */
export const nextStepsOf = (
  configs: ReadonlyArray<ConfigOutline>,
  records: ReadonlyMap<string, ReadonlyArray<RunRecord>>,
): ReadonlyArray<NextStep> =>
  configs
    .flatMap(({ id, name, planned }) => {
      const because = openBecause(records.get(id) ?? [])
      const priority = planned?.priority ?? "normal"
      return because === undefined
        ? []
        : [{ id, name, priority, because, ...(planned === undefined ? {} : { use: planned.use }) }]
    })
    .toSorted(
      (a, b) =>
        PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
    )

const openBecause = (records: ReadonlyArray<RunRecord>): string | undefined => {
  if (records.length === 0) return "not measured yet"
  const trained = records.filter(({ cell }) => cell.model.synthetic === undefined)
  if (trained.length === 0) return "only its shape is measured, with random weights"
  if (trained.some(({ verdict }) => verdict.status === "valid")) return undefined
  const codes = new Set(
    trained.flatMap(({ verdict }) => verdict.reasons.filter(({ level }) => level !== "note").map(({ code }) => code)),
  )
  return `measured, but no run is valid: ${[...codes].toSorted().join(", ")}`
}
