import { placementName } from "../placement/Placement.ts"
import type { Imported } from "../imports/Imported.ts"
import { rate, type Rating } from "../rating/Rate.ts"
import type { RatingRules } from "../rating/RatingRules.ts"
import { recommend, type Recommendation } from "../rating/Recommend.ts"
import { promptSetOf, scenarioOrder } from "../workload/Scenario.ts"
import type { RunRecord } from "../run/RunRecord.ts"
import type { TelemetryOpening } from "../telemetry/TelemetryFile.ts"
import { type Equivalence, equivalencesOf, judgedTogether } from "./Equivalence.ts"
import type { Note } from "./Note.ts"

/** What the registry says of one model: its runs, each with its own record, and what people wrote. */
export interface Entry {
  /** The config's id. */
  readonly id: string
  readonly name: string
  /**
   * What is current, ordered by backend, placement and scenario: for each of them and each host the latest record
   * that is not invalid, and after it a later one that is. Their verdicts are those of record.json, and in addition
   * what the records say of each other (`engines-disagree`).
   */
  readonly records: ReadonlyArray<RunRecord>
  /** Records that a later one replaced. */
  readonly superseded: number
  /** What its runs are worth for each use case, in the order of the rules and of `records`. */
  readonly ratings: ReadonlyArray<Rating>
  readonly notes: ReadonlyArray<Note>
}

export interface Registry {
  readonly entries: ReadonlyArray<Entry>
  /** How alike the answers of current records of one model are, across engines, placements and files. */
  readonly equivalences: ReadonlyArray<Equivalence>
  /** What other tools measured, by tool and time: never among the entries. */
  readonly imported: ReadonlyArray<Imported>
  /** When the latest record was finished; `undefined` for an empty registry. */
  readonly updatedAt: string | undefined
  /** The rules that were given; without any nothing is rated. */
  readonly rules: RatingRules | undefined
  readonly recommendations: ReadonlyArray<Recommendation>
  /** What was read while the latest records were measured, thinned for plots, by the records' ids. */
  readonly telemetry?: ReadonlyMap<string, ReadonlyArray<TelemetryOpening>>
}

/** Records and notes, brought into the registry's order. Pure: the same input gives the same registry. */
export const makeRegistry = (
  records: ReadonlyArray<RunRecord>,
  notes: ReadonlyArray<Note>,
  {
    imported = [],
    rules,
  }: { readonly imported?: ReadonlyArray<Imported>; readonly rules?: RatingRules | undefined } = {},
): Registry => {
  const byModel = Map.groupBy(records, ({ cell }) => cell.config.id)
  const ids = [...new Set([...byModel.keys(), ...notes.map(({ model }) => model)])].toSorted(compare)
  const alone = ids.map((id) => entry(id, byModel.get(id) ?? [], notes))
  const equivalences = equivalencesOf(alone.flatMap((each) => each.records))
  const entries = alone.map((each) => {
    const judged = judgedTogether(each.records, equivalences)
    return { ...each, records: judged, ratings: ratingsOf(judged, rules) }
  })
  return {
    entries,
    equivalences,
    imported: imported.toSorted(
      (a, b) => compare(a.tool, b.tool) || compare(a.importedAt, b.importedAt) || compare(a.id, b.id),
    ),
    rules,
    recommendations: recommend(
      rules?.useCases ?? [],
      entries.flatMap(({ ratings }) => ratings),
    ),
    updatedAt: records
      .map(({ finishedAt }) => finishedAt)
      .toSorted(compare)
      .at(-1),
  }
}

const entry = (id: string, records: ReadonlyArray<RunRecord>, notes: ReadonlyArray<Note>): Omit<Entry, "ratings"> => {
  const inTime = records.toSorted((a, b) => compare(a.startedAt, b.startedAt) || compare(a.id, b.id))
  const latest = [...Map.groupBy(inTime, placeOf).values()]
    .flatMap(current)
    .toSorted((a, b) => compare(sortKey(a), sortKey(b)))
  return {
    id,
    name: inTime.at(-1)?.cell.config.name ?? id,
    records: latest,
    superseded: records.length - latest.length,
    notes: notes.filter(({ model }) => model === id).toSorted((a, b) => compare(a.path, b.path)),
  }
}

const ratingsOf = (records: ReadonlyArray<RunRecord>, rules: RatingRules | undefined): ReadonlyArray<Rating> =>
  rules === undefined
    ? []
    : rules.useCases.flatMap((useCase) =>
        records.map((record) => rate(rules, useCase, record)).filter((rating) => rating !== undefined),
      )

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
