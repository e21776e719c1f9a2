import { placementName } from "../placement/Placement.ts"
import { promptSetOf, scenarioOrder } from "../workload/Scenario.ts"
import type { RunRecord } from "../run/RunRecord.ts"
import type { Note } from "./Note.ts"

/** What the registry says of one model: its runs, each with its own record, and what people wrote. */
export interface Entry {
  /** The config's id. */
  readonly id: string
  readonly name: string
  /**
   * What is current, ordered by backend, placement and scenario: for each of them and each host the latest record
   * that is not invalid, and after it a later one that is.
   */
  readonly records: ReadonlyArray<RunRecord>
  /** Records that a later one replaced. */
  readonly superseded: number
  readonly notes: ReadonlyArray<Note>
}

export interface Registry {
  readonly entries: ReadonlyArray<Entry>
  /** When the latest record was finished; `undefined` for an empty registry. */
  readonly updatedAt: string | undefined
}

/** Records and notes, brought into the registry's order. Pure: the same input gives the same registry. */
export const makeRegistry = (records: ReadonlyArray<RunRecord>, notes: ReadonlyArray<Note>): Registry => {
  const byModel = Map.groupBy(records, ({ cell }) => cell.config.id)
  const ids = [...new Set([...byModel.keys(), ...notes.map(({ model }) => model)])].toSorted(compare)
  return {
    entries: ids.map((id) => entry(id, byModel.get(id) ?? [], notes)),
    updatedAt: records
      .map(({ finishedAt }) => finishedAt)
      .toSorted(compare)
      .at(-1),
  }
}

const entry = (id: string, records: ReadonlyArray<RunRecord>, notes: ReadonlyArray<Note>): Entry => {
  const inTime = records.toSorted((a, b) => compare(a.startedAt, b.startedAt) || compare(a.id, b.id))
  const latest = [...Map.groupBy(inTime, placeOf).values()].flatMap(current)
  return {
    id,
    name: inTime.at(-1)?.cell.config.name ?? id,
    records: latest.toSorted((a, b) => compare(sortKey(a), sortKey(b))),
    superseded: records.length - latest.length,
    notes: notes.filter(({ model }) => model === id).toSorted((a, b) => compare(a.path, b.path)),
  }
}

/** What a registry has one row for. Other options, another engine or other prompts replace what was there before. */
const placeOf = ({ cell: { backend, host, placement, scenario } }: RunRecord): string =>
  JSON.stringify([backend, placement, scenario, host.fingerprint])

/** Of one place's records in time: the last that holds, and the last of all if that one is invalid. */
const current = (inTime: ReadonlyArray<RunRecord>): ReadonlyArray<RunRecord> => {
  const holding = inTime.findLast(({ verdict }) => verdict.status !== "invalid")
  const last = inTime.at(-1)
  return [holding, last === holding ? undefined : last].filter((record) => record !== undefined)
}

const sortKey = ({ cell: { backend, placement, scenario }, id, startedAt }: RunRecord): string =>
  [
    backend,
    placement.devices.join("+"),
    placementName(placement),
    scenario.kind,
    promptSetOf(scenario) ?? "",
    ...scenarioOrder(scenario).map((count) => count.toFixed(3).padStart(13, "0")),
    startedAt,
    id,
  ].join("\u0000")

/** By code unit, so that the order is the same under every locale. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
