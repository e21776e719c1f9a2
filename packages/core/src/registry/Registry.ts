import type { RunRecord } from "../run/RunRecord.ts"
import type { Note } from "./Note.ts"

/** What the registry says of one model: its runs, each with its own record, and what people wrote. */
export interface Entry {
  /** The config's id. */
  readonly id: string
  readonly name: string
  /** The latest record of each cell identity, best-known order: backend, placement, scenario, then time. */
  readonly records: ReadonlyArray<RunRecord>
  /** Records of the same identities that a later one replaced. */
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
  const latest = [...new Map(inTime.map((record) => [record.cell.identity, record])).values()]
  return {
    id,
    name: inTime.at(-1)?.cell.config.name ?? id,
    records: latest.toSorted((a, b) => compare(sortKey(a), sortKey(b))),
    superseded: records.length - latest.length,
    notes: notes.filter(({ model }) => model === id).toSorted((a, b) => compare(a.path, b.path)),
  }
}

const sortKey = ({ cell: { backend, placement, scenario }, id, startedAt }: RunRecord): string => {
  const counts =
    scenario.kind === "batch" ? [scenario.documents, scenario.batchSize] : [scenario.requests, scenario.outputTokens]
  return [
    backend,
    placement.devices.join("+"),
    scenario.kind,
    scenario.prompts,
    ...counts.map((count) => String(count).padStart(9, "0")),
    startedAt,
    id,
  ].join("\u0000")
}

/** By code unit, so that the order is the same under every locale. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
