import {
  type Entry,
  type Imported,
  type Note,
  placementName,
  type PlannedModel,
  promptsOf,
  type Rating,
  type RatingRules,
  type Registry,
  type RunRecord,
  scenarioOrder,
} from "@rigbook/core"
import { type ConfigOutline, originOfHost } from "@rigbook/records"
import { Order } from "effect"
import { rate } from "../rating/Rate.ts"
import { recommend } from "../rating/Recommend.ts"
import { checkClaim } from "./Claim.ts"
import { equivalencesOf, judgedTogether } from "./Equivalence.ts"
import { familiesOf } from "./Family.ts"
import { nextStepsOf } from "./NextSteps.ts"
import type { Release } from "./Release.ts"
import { staleOf } from "./Stale.ts"

/** Input beside records and notes. */
export interface RegistryInput {
  readonly imported?: ReadonlyArray<Imported>
  readonly rules?: RatingRules | undefined
  readonly configs?: ReadonlyArray<ConfigOutline>
  /** Estimates of planned configs. */
  readonly planned?: ReadonlyArray<PlannedModel>
  /** What the registry showed when it was last released. */
  readonly release?: Release | undefined
  /** Ids of records that have a report. */
  readonly reports?: ReadonlyArray<string>
}

/** Records and notes, in the registry's order. Pure: the same input gives the same registry. */
export const makeRegistry = (
  records: ReadonlyArray<RunRecord>,
  notes: ReadonlyArray<Note>,
  { configs = [], imported = [], planned = [], release, reports = [], rules }: RegistryInput = {},
): Registry => {
  const byModel = Map.groupBy(records, ({ cell }) => cell.config.id)
  const ids = [...new Set([...byModel.keys(), ...notes.map(({ model }) => model)])].toSorted(Order.String)
  const configOf = new Map(configs.map((config) => [config.id, config]))
  const alone = ids.map((id) => entry(id, byModel.get(id) ?? [], configOf.get(id)))
  const equivalences = equivalencesOf(alone.flatMap((each) => each.records))
  const together = new Map(
    judgedTogether(
      alone.flatMap((each) => each.records),
      equivalences,
    ).map((record) => [record.id, record]),
  )
  // Quality that somebody else reports rates no run of ours.
  const beside = Map.groupBy(together.values(), ({ cell }) => originOfHost(cell.host))
  const notesOf = Map.groupBy(notes, ({ model }) => model)
  const entries = alone.map((each) => {
    const judged = each.records.map(({ id }) => together.get(id)!)
    return {
      ...each,
      records: judged,
      ratings: ratingsOf(judged, rules, ({ cell }) => beside.get(originOfHost(cell.host)) ?? []),
      notes: (notesOf.get(each.id) ?? [])
        .map((note) => ({
          ...note,
          claims: (note.claims ?? []).map((claim) => checkClaim(claim, judged.filter(isOwn))),
        }))
        .toSorted((a, b) => Order.String(a.path, b.path)),
    }
  })
  const current = new Map(entries.map(({ id, records: of }) => [id, of]))
  const own = new Map([...current].map(([id, of]) => [id, of.filter(isOwn)] as const))
  const nextSteps = nextStepsOf(configs, own)
  const order = nextSteps.map(({ id }) => id)
  const shown = new Set(entries.flatMap(({ records: of }) => of.map(({ id }) => id)))
  return {
    entries,
    equivalences,
    imported: imported.toSorted(
      (a, b) => Order.String(a.tool, b.tool) || Order.String(a.importedAt, b.importedAt) || Order.String(a.id, b.id),
    ),
    rules,
    recommendations: recommend(
      rules?.useCases ?? [],
      entries.flatMap(({ ratings }) => ratings),
      familyIds(entries),
    ),
    ...(release === undefined ? {} : { release: releaseOf(release, records) }),
    planned: planned
      .filter(({ id }) => !byModel.has(id))
      .toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id) || Order.String(a.id, b.id)),
    nextSteps,
    stale: new Map([...staleOf(records)].filter(([id]) => shown.has(id)).toSorted(([a], [b]) => Order.String(a, b))),
    reports: new Set(reports.filter((id) => shown.has(id)).toSorted(Order.String)),
    updatedAt: records
      .map(({ finishedAt }) => finishedAt)
      .toSorted(Order.String)
      .at(-1),
  }
}

/** What others measured answers no question about this machine. */
const isOwn = ({ cell }: RunRecord): boolean => originOfHost(cell.host) === undefined

/** Of each config its family. */
const familyIds = (entries: ReadonlyArray<Entry>): ReadonlyMap<string, string> =>
  new Map(familiesOf(entries).flatMap(({ entries: of, id }) => of.map((member) => [member.id, id] as const)))

const releaseOf = ({ date, records: ids }: Release, records: ReadonlyArray<RunRecord>): Registry["release"] => {
  const shown = new Set(ids)
  return { date, records: records.filter(({ id }) => shown.has(id)).toSorted((a, b) => Order.String(a.id, b.id)) }
}

const entry = (
  id: string,
  records: ReadonlyArray<RunRecord>,
  config: ConfigOutline | undefined,
): Omit<Entry, "ratings" | "notes"> => {
  const inTime = records.toSorted((a, b) => Order.String(a.startedAt, b.startedAt) || Order.String(a.id, b.id))
  const latest = [...Map.groupBy(inTime, placeOf).values()]
    .flatMap(current)
    .toSorted((a, b) => Order.String(sortKey(a), sortKey(b)))
  // What a stranger calls a model renames none of ours.
  const named = inTime.findLast(isOwn) ?? inTime.at(-1)
  const name = named?.cell.config.name ?? config?.name ?? id
  return {
    id,
    name,
    family: config?.family ?? familyOf(name, named),
    ...(config === undefined ? {} : { path: config.path }),
    ...(config?.planned === undefined ? {} : { planned: config.planned }),
    records: latest,
    superseded: records.length - latest.length,
    ...(records.length === latest.length ? {} : { earlier: inTime.filter((record) => !latest.includes(record)) }),
  }
}

/**
 * A model's name without the word for its quantization, wherever it is in it: `Tiny Llama 1B Q8_0` is `Tiny Llama 1B`.
 */
const familyOf = (name: string, record: RunRecord | undefined): string => {
  if (record === undefined) return name
  const { quantization, unpackedFrom } = record.cell.model
  const words = [quantization, unpackedFrom?.quantization].flatMap((word) => word?.toLowerCase() ?? [])
  const kept = name.split(" ").filter((word) => !words.includes(word.replaceAll(/[(),]/g, "").toLowerCase()))
  return kept.join(" ") || name
}

const ratingsOf = (
  records: ReadonlyArray<RunRecord>,
  rules: RatingRules | undefined,
  runsBeside: (record: RunRecord) => ReadonlyArray<RunRecord>,
): ReadonlyArray<Rating> =>
  rules === undefined
    ? []
    : rules.useCases.flatMap((useCase) =>
        records
          .map((record) => rate(rules, useCase, record, runsBeside(record)))
          .filter((rating) => rating !== undefined),
      )

/** What identifies a row of a registry. Other options, another engine or other prompts replace the earlier record. */
const placeOf = ({ cell: { backend, host, placement, scenario } }: RunRecord): string =>
  JSON.stringify([backend, placement, scenario, host.fingerprint])

/** Of one row's records in time: the last one that is not invalid, and also the last one if that is invalid. */
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
