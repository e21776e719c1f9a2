import type { Registry, RunRecord } from "@rigbook/core"
import { metricOf } from "@rigbook/records"
import { pairRecords } from "@rigbook/registry"
import { runtimeName } from "./names.ts"
import { type Ratio, ratioOf } from "./Ratio.ts"

/** A run that the last release of the registry did not have. */
export interface Change {
  readonly record: RunRecord
  /** What it replaced; absent of what is new. */
  readonly before?: RunRecord
  readonly ratio?: Ratio | undefined
  /** What to know beside the ratio. Not escaped. */
  readonly what: ReadonlyArray<string>
}

/** What changed since a release, the largest change first. */
export interface Changes {
  readonly date: string
  readonly unchanged: number
  readonly changes: ReadonlyArray<Change>
  /** How many runs are shown no more. */
  readonly gone: number
}

/** What is new, faster, slower or judged otherwise than in the last release; `undefined` where there was none. Pure. */
export const changesOf = ({ entries, release }: Pick<Registry, "entries" | "release">): Changes | undefined => {
  if (release === undefined) return undefined
  const records = entries.flatMap((entry) => entry.records)
  const known = new Set(release.records.map(({ id }) => id))
  const now = records.filter(({ id }) => !known.has(id))
  const shown = new Set(records.map(({ id }) => id))
  const gone = release.records.filter(({ id }) => !shown.has(id))
  const { onlyInA, onlyInB, pairs } = pairRecords(gone, now, { sameModel: true })
  const byId = new Map([...gone, ...now].map((record) => [record.id, record]))
  return {
    date: release.date,
    unchanged: records.length - now.length,
    changes: [
      ...pairs.map(([a, b]) => changeOf(byId.get(a.id)!, byId.get(b.id)!)),
      ...onlyInB.map(({ id }): Change => ({ record: byId.get(id)!, what: ["new"] })),
    ].toSorted((a, b) => weightOf(b) - weightOf(a) || (a.record.id < b.record.id ? -1 : 1)),
    gone: onlyInA.length,
  }
}

const changeOf = (before: RunRecord, record: RunRecord): Change => {
  const ratio = ratioOf(before, record, metricOf("speed", record.cell.task).id)
  const [from, to] = [runtimeName(before), runtimeName(record)]
  return {
    record,
    before,
    ratio,
    what: [
      ...(before.verdict.status === record.verdict.status
        ? []
        : [`was ${before.verdict.status}, is ${record.verdict.status}`]),
      ...(from === to ? [] : [`${from} → ${to}`]),
    ],
  }
}

/** A certain change weighs most, then another verdict, then what is new. */
const weightOf = ({ before, ratio, what }: Change): number => {
  if (before === undefined) return 1
  const size = ratio === undefined ? 0 : Math.min(1, Math.abs(Math.log(ratio.ratio)))
  return (ratio?.word === "faster" || ratio?.word === "slower" ? 4 : 0) + (what.length > 0 ? 2 : 0) + size
}
