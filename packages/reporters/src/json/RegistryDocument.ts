import type { Equivalence, MetricValue, Rating, Registry, RunRecord } from "@rigbook/core"
import {
  Agreement,
  Estimate,
  Imported,
  MetricValue as MetricValueSchema,
  ModelFacts,
  Placement,
  Runtime,
  Scenario,
  Task,
  Verdict,
  estimatesOf,
} from "@rigbook/core"
import { Schema } from "effect"
import { recordPath } from "../paths.ts"

const metric = {
  title: MetricValueSchema.fields.title,
  unit: MetricValueSchema.fields.unit,
  better: MetricValueSchema.fields.better,
  definition: MetricValueSchema.fields.definition,
}

/** Without its path: where a program lies on somebody's machine is not for a page that is passed on. */
const { path: _path, ...runtimeFields } = Runtime.fields

/** Without its tensors' bytes: what is known of a model by layer is in the record. */
const { tensorBytes: _tensorBytes, ...modelFields } = ModelFacts.fields

/** A metric's value in the registry: exact figures, or why there are none. */
export const RegistryValue = Schema.Union([
  Schema.Struct({
    ...metric,
    median: Schema.Finite,
    mean: Schema.Finite,
    low: Schema.optionalKey(Schema.Finite),
    high: Schema.optionalKey(Schema.Finite),
    confidence: Schema.optionalKey(Schema.Finite),
    meanLow: Schema.optionalKey(Schema.Finite),
    meanHigh: Schema.optionalKey(Schema.Finite),
    mad: Schema.optionalKey(Schema.Finite),
    cv: Schema.optionalKey(Schema.Finite),
    n: Schema.Int,
    /** Each trial's value, so that two registries can be compared. */
    trials: Schema.Array(Schema.NullOr(Schema.Finite)),
  }),
  Schema.Struct({ ...metric, absent: Schema.NonEmptyString }),
]).annotate({ identifier: "RegistryValue" })
export type RegistryValue = typeof RegistryValue.Type

/** One run in the registry. `path` leads to its record, relative to the workspace's root. */
export const RegistryRun = Schema.Struct({
  record: Schema.NonEmptyString,
  path: Schema.NonEmptyString,
  startedAt: Schema.String,
  task: Task,
  model: Schema.Struct(modelFields),
  backend: Schema.NonEmptyString,
  placement: Placement,
  scenario: Scenario,
  /** Of the prompt set's text. */
  promptsSha256: Schema.NonEmptyString,
  runtime: Schema.Struct(runtimeFields),
  /** The host's fingerprint. */
  host: Schema.NonEmptyString,
  verdict: Verdict,
  /** Why the run ended early, when it did. */
  failure: Schema.optionalKey(Schema.Struct({ kind: Schema.NonEmptyString, detail: Schema.NonEmptyString })),
  values: Schema.Record(Schema.String, RegistryValue),
  /** What was estimated of each device's memory beside what was found; left out where nothing was estimated. */
  estimates: Schema.optionalKey(Schema.Array(Estimate)),
}).annotate({ identifier: "RegistryRun" })
export type RegistryRun = typeof RegistryRun.Type

const stars = Schema.Struct({
  stars: Schema.Finite,
  low: Schema.Finite,
  high: Schema.Finite,
  score: Schema.Finite,
  coverage: Schema.Finite,
  speedOnly: Schema.Literal(true),
})

/** What a run is worth for a use case, or why it has no stars. */
export const RegistryRating = Schema.Struct({
  useCase: Schema.NonEmptyString,
  record: Schema.NonEmptyString,
  criteria: Schema.Array(
    Schema.Struct({
      metric: Schema.NonEmptyString,
      weight: Schema.Finite,
      result: Schema.Union([
        Schema.Struct({ value: Schema.Finite, points: Schema.Finite }),
        Schema.Struct({ absent: Schema.NonEmptyString }),
      ]),
    }),
  ),
  result: Schema.Union([stars, Schema.Struct({ notRated: Schema.NonEmptyString })]),
}).annotate({ identifier: "RegistryRating" })
export type RegistryRating = typeof RegistryRating.Type

/** How alike the answers of two runs of one model are, named by their records. */
export const RegistryEquivalence = Schema.Struct({
  records: Schema.Tuple([Schema.NonEmptyString, Schema.NonEmptyString]),
  /** Whether the weights of both come from one file: only then they are judged. */
  sameWeights: Schema.Boolean,
  agreement: Agreement,
  disagree: Schema.optionalKey(Schema.Boolean),
}).annotate({ identifier: "RegistryEquivalence" })
export type RegistryEquivalence = typeof RegistryEquivalence.Type

/** models/registry.json. Fields may be added under the same `schema`; any other change raises it. */
export const RegistryDocument = Schema.Struct({
  schema: Schema.Literal(1),
  /** When the latest record was finished; null for an empty registry. */
  updatedAt: Schema.NullOr(Schema.String),
  entries: Schema.Array(
    Schema.Struct({
      id: Schema.NonEmptyString,
      name: Schema.NonEmptyString,
      superseded: Schema.Int,
      notes: Schema.Array(Schema.Struct({ path: Schema.NonEmptyString, text: Schema.String })),
      records: Schema.Array(RegistryRun),
      ratings: Schema.Array(RegistryRating),
    }),
  ),
  /** Version of the rules that stars were given by; null where there are none. */
  ratingRules: Schema.NullOr(Schema.Int),
  /** Left out by versions that kept no answers. */
  equivalences: Schema.optionalKey(Schema.Array(RegistryEquivalence)),
  /** What other tools measured, not Rigbook. */
  imported: Schema.Array(Imported),
}).annotate({ identifier: "RegistryDocument" })
export type RegistryDocument = typeof RegistryDocument.Type

/** The registry as a document that other programs can rely on. */
export const registryDocument = ({
  entries,
  equivalences,
  imported,
  rules,
  updatedAt,
}: Registry): RegistryDocument => ({
  schema: 1,
  updatedAt: updatedAt ?? null,
  entries: entries.map(({ id, name, notes, ratings, records, superseded }) => ({
    id,
    name,
    superseded,
    notes: notes.map(({ path, text }) => ({ path, text })),
    records: records.map(registryRun),
    ratings: ratings.map(registryRating),
  })),
  ratingRules: rules?.version ?? null,
  equivalences: equivalences.map(registryEquivalence),
  imported,
})

const registryRating = ({ criteria, record, result, useCase }: Rating): RegistryRating => ({
  useCase: useCase.id,
  record: record.id,
  criteria: criteria.map(({ metric: id, result: given, weight }) => ({ metric: id, weight, result: given })),
  result,
})

const registryEquivalence = ({ records: [one, other], ...compared }: Equivalence): RegistryEquivalence => ({
  records: [one.id, other.id],
  ...compared,
})

const registryRun = (record: RunRecord): RegistryRun => {
  const { tensorBytes: _tensors, ...model } = record.cell.model
  const { backend, host, placement, prompts, runtime, scenario, task } = record.cell
  const reason = record.failure?.reason
  const estimates = estimatesOf(record)
  return {
    record: record.id,
    path: recordPath(record),
    startedAt: record.startedAt,
    task,
    model,
    backend,
    placement,
    scenario,
    promptsSha256: prompts.sha256,
    runtime: {
      program: runtime.program,
      version: runtime.version,
      origin: runtime.origin,
      libraries: runtime.libraries,
    },
    host: host.fingerprint,
    verdict: record.verdict,
    ...(reason === undefined ? {} : { failure: { kind: reason._tag, detail: reason.detail } }),
    values: Object.fromEntries(record.values.map((value) => [value.metric, registryValue(value)])),
    ...(estimates.length === 0 ? {} : { estimates }),
  }
}

const registryValue = ({ better, definition, result, title, unit }: MetricValue): RegistryValue => {
  if ("absent" in result) return { title, unit, better, definition, absent: result.absent }
  const { max: _max, min: _min, ...summary } = result.summary
  return { title, unit, better, definition, ...summary, trials: result.trials }
}
