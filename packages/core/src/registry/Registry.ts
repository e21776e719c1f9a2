import { placementName } from "../placement/Placement.ts"
import type { Imported } from "../imports/Imported.ts"
import { rate, type Rating } from "../rating/Rate.ts"
import type { RatingRules } from "../rating/RatingRules.ts"
import { recommend, type Recommendation } from "../rating/Recommend.ts"
import { promptsOf, scenarioOrder } from "../workload/Scenario.ts"
import type { Planned } from "../config/ModelConfig.ts"
import type { RunRecord } from "../run/RunRecord.ts"
import type { TelemetryOpening } from "../telemetry/TelemetryFile.ts"
import { type Equivalence, equivalencesOf, judgedTogether } from "./Equivalence.ts"
import { type CheckedClaim, checkClaim } from "./Claim.ts"
import type { ConfigOutline } from "./ConfigOutline.ts"
import { type NextStep, nextStepsOf } from "./NextSteps.ts"
import type { Note } from "./Note.ts"
import type { PlannedModel } from "./PlannedModel.ts"
import { staleOf } from "./Stale.ts"

/** What the registry says of one model: its runs, each with its own record, and what people wrote. */
export interface Entry {
  /** The config's id. */
  readonly id: string
  readonly name: string
  /** One model in several quantizations has one: as its config says, else its name without the quantization. */
  readonly family: string
  /** What the config still plans for, such as its use. */
  readonly planned?: Planned
  /**
   * What is current, ordered by backend, placement and scenario: for each of them and each host the latest record
   * that is not invalid, and after it a later one that is. Their verdicts are those of record.json, and in addition
   * what the records say of each other (`engines-disagree`).
   */
  readonly records: ReadonlyArray<RunRecord>
  /** Number of records that a later one replaced. */
  readonly superseded: number
  /** What its runs are worth for each use case, in the order of the rules and of `records`. */
  readonly ratings: ReadonlyArray<Rating>
  readonly notes: ReadonlyArray<CheckedNote>
}

/** A note beside what the records say of its claims. */
export interface CheckedNote extends Omit<Note, "claims"> {
  readonly claims: ReadonlyArray<CheckedClaim>
}

/** What all records and notes of a workspace say together: what reporters write up. */
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
  /** Models that are planned and have no record, by priority and id. */
  readonly planned: ReadonlyArray<PlannedModel>
  /** What is planned and not yet valid. */
  readonly nextSteps: ReadonlyArray<NextStep>
  /** Current records whose engine or driver is no longer their host's, by id, with why. */
  readonly stale: ReadonlyMap<string, ReadonlyArray<string>>
  /** Ids of records that a report of their own is there for. */
  readonly reports: ReadonlySet<string>
  /** What was read while the latest records were measured, thinned for plots, by the records' ids. */
  readonly telemetry?: ReadonlyMap<string, ReadonlyArray<TelemetryOpening>>
}

/** What there is beside records and notes. */
export interface RegistryInput {
  readonly imported?: ReadonlyArray<Imported>
  readonly rules?: RatingRules | undefined
  readonly configs?: ReadonlyArray<ConfigOutline>
  /** Of the configs that are planned, their estimates. */
  readonly planned?: ReadonlyArray<PlannedModel>
  /** Ids of records that have a report. */
  readonly reports?: ReadonlyArray<string>
}

/** Records and notes, brought into the registry's order. Pure: the same input gives the same registry. */
export const makeRegistry = (
  records: ReadonlyArray<RunRecord>,
  notes: ReadonlyArray<Note>,
  { configs = [], imported = [], planned = [], reports = [], rules }: RegistryInput = {},
): Registry => {
  const byModel = Map.groupBy(records, ({ cell }) => cell.config.id)
  const ids = [...new Set([...byModel.keys(), ...notes.map(({ model }) => model)])].toSorted(compare)
  const configOf = new Map(configs.map((config) => [config.id, config]))
  const alone = ids.map((id) => entry(id, byModel.get(id) ?? [], configOf.get(id)))
  const equivalences = equivalencesOf(alone.flatMap((each) => each.records))
  const together = new Map(
    judgedTogether(
      alone.flatMap((each) => each.records),
      equivalences,
    ).map((record) => [record.id, record]),
  )
  const notesOf = Map.groupBy(notes, ({ model }) => model)
  const entries = alone.map((each) => {
    const judged = each.records.map(({ id }) => together.get(id)!)
    return {
      ...each,
      records: judged,
      ratings: ratingsOf(judged, rules),
      notes: (notesOf.get(each.id) ?? [])
        .map((note) => ({ ...note, claims: (note.claims ?? []).map((claim) => checkClaim(claim, judged)) }))
        .toSorted((a, b) => compare(a.path, b.path)),
    }
  })
  const current = new Map(entries.map(({ id, records: of }) => [id, of]))
  const nextSteps = nextStepsOf(configs, current)
  const order = nextSteps.map(({ id }) => id)
  const shown = new Set(entries.flatMap(({ records: of }) => of.map(({ id }) => id)))
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
    planned: planned
      .filter(({ id }) => !byModel.has(id))
      .toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id) || compare(a.id, b.id)),
    nextSteps,
    stale: new Map([...staleOf(records)].filter(([id]) => shown.has(id)).toSorted(([a], [b]) => compare(a, b))),
    reports: new Set(reports.filter((id) => shown.has(id)).toSorted(compare)),
    updatedAt: records
      .map(({ finishedAt }) => finishedAt)
      .toSorted(compare)
      .at(-1),
  }
}

const entry = (
  id: string,
  records: ReadonlyArray<RunRecord>,
  config: ConfigOutline | undefined,
): Omit<Entry, "ratings" | "notes"> => {
  const inTime = records.toSorted((a, b) => compare(a.startedAt, b.startedAt) || compare(a.id, b.id))
  const latest = [...Map.groupBy(inTime, placeOf).values()]
    .flatMap(current)
    .toSorted((a, b) => compare(sortKey(a), sortKey(b)))
  const name = inTime.at(-1)?.cell.config.name ?? config?.name ?? id
  return {
    id,
    name,
    family: config?.family ?? familyOf(name, inTime.at(-1)),
    ...(config?.planned === undefined ? {} : { planned: config.planned }),
    records: latest,
    superseded: records.length - latest.length,
  }
}

/** A model's name without the word for its quantization, wherever it stands in it: `Tiny Llama 1B Q8_0` is `Tiny Llama 1B`. */
const familyOf = (name: string, record: RunRecord | undefined): string => {
  if (record === undefined) return name
  const { quantization, unpackedFrom } = record.cell.model
  const words = [quantization, unpackedFrom?.quantization].flatMap((word) => word?.toLowerCase() ?? [])
  const kept = name.split(" ").filter((word) => !words.includes(word.replaceAll(/[(),]/g, "").toLowerCase()))
  return kept.join(" ") || name
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

const sortKey = ({ cell: { backend, placement, prompts, scenario }, id, startedAt }: RunRecord): string =>
  [
    backend,
    placement.devices.join("+"),
    placementName(placement),
    scenario.kind,
    promptsOf(scenario) === undefined ? "" : prompts.name,
    ...scenarioOrder(scenario).map((count) => count.toFixed(3).padStart(13, "0")),
    startedAt,
    id,
  ].join("\u0000")

/** By code unit, so that the order is the same under every locale. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
