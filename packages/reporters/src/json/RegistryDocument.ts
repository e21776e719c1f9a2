import type { CheckedClaim, CheckedNote, Equivalence, MetricValue, Rating, Registry, RunRecord } from "@rigbook/core"
import {
  Agreement,
  CellSpec,
  Claim,
  Estimate,
  Imported,
  isQuality,
  KINDS,
  medianOf,
  MetricValue as MetricValueSchema,
  ModelFacts,
  ServedModel,
  Placement,
  Planned,
  PlannedModel,
  Runtime,
  Scenario,
  Task,
  Truncation,
  Verdict,
} from "@rigbook/core"
import { estimatesOf, metricOf } from "@rigbook/records"
import { type LossRow, lossTradeoffsOf } from "@rigbook/registry"
import { Schema } from "effect"
import { batchScaling, growsByBatch, type ScalingGroup } from "../BatchScaling.ts"
import { lastThatPays } from "../LastThatPays.ts"
import { type LoadGroup, loadScaling } from "../LoadScaling.ts"
import { recordPath, reportPath } from "../paths.ts"
import { sideBySide, VARYING } from "../SideBySide.ts"

const metric = {
  title: MetricValueSchema.fields.title,
  unit: MetricValueSchema.fields.unit,
  better: MetricValueSchema.fields.better,
  definition: MetricValueSchema.fields.definition,
}

/** Without its path: the place of a program on one machine does not belong on a page that is shared. */
const { path: _path, ...runtimeFields } = Runtime.fields

/** Without its tensors' bytes: the record has what is known of a model by layer. */
const { tensorBytes: _tensorBytes, ...modelFields } = ModelFacts.fields
const { tensorBytes: _servedBytes, ...servedFields } = ServedModel.fields

/**
 * A metric's value in the registry: exact figures, or why there are none. All are in the metric's unit (`median`, `mean`,
 * `low`, `high`, `meanLow`, `meanHigh`, `mad`) but `n`, `units`, `cv` and `confidence`, a share.
 */
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
    /** Queries, pairs, chunks or questions that the figure is of; of quality alone. */
    units: Schema.optionalKey(Schema.Int),
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
  model: Schema.Union([Schema.Struct(modelFields), Schema.Struct(servedFields)]),
  backend: Schema.NonEmptyString,
  placement: Placement,
  scenario: Scenario,
  /** Of the prompt set's text. */
  promptsSha256: Schema.NonEmptyString,
  /** Of quality: what it was measured on. */
  dataset: Schema.optionalKey(
    Schema.Struct({
      id: Schema.NonEmptyString,
      license: Schema.NonEmptyString,
      language: Schema.optionalKey(Schema.NonEmptyString),
      /** Queries, pairs of sentences, or chunks of a text. */
      n: Schema.Int,
    }),
  ),
  /** The model that it was compared with, for `kld`. */
  reference: CellSpec.fields.reference,
  runtime: Schema.Struct(runtimeFields),
  /** The host's fingerprint. */
  host: Schema.NonEmptyString,
  verdict: Verdict,
  /** What was cut off its documents, of an embedding run; left out if it was not checked. */
  truncation: Schema.optionalKey(Truncation),
  /** Why the run ended early, when it did. */
  failure: Schema.optionalKey(Schema.Struct({ kind: Schema.NonEmptyString, detail: Schema.NonEmptyString })),
  values: Schema.Record(Schema.String, RegistryValue),
  /** Each device's memory as estimated and as observed; left out if nothing was estimated. */
  estimates: Schema.optionalKey(Schema.Array(Estimate)),
  /** Why its engine or driver is not the host's current one; left out if it is. */
  stale: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  /** Of its own report, relative to the workspace's root, where it has one. */
  report: Schema.optionalKey(Schema.NonEmptyString),
}).annotate({ identifier: "RegistryRun" })
export type RegistryRun = typeof RegistryRun.Type

const stars = Schema.Struct({
  stars: Schema.Finite,
  low: Schema.Finite,
  high: Schema.Finite,
  score: Schema.Finite,
  coverage: Schema.Finite,
})

/** The rating of a run for a use case, or why it has none. */
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
  /** Figures of quality by the use case's rules, and where they come from; left out if it has none. */
  quality: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        metric: Schema.NonEmptyString,
        dataset: Schema.optionalKey(Schema.NonEmptyString),
        result: Schema.Union([
          Schema.Struct({
            value: Schema.Finite,
            points: Schema.Finite,
            low: Schema.Finite,
            high: Schema.Finite,
            record: Schema.NonEmptyString,
          }),
          Schema.Struct({ absent: Schema.NonEmptyString }),
        ]),
      }),
    ),
  ),
  result: Schema.Union([stars, Schema.Struct({ notRated: Schema.NonEmptyString })]),
}).annotate({ identifier: "RegistryRating" })
export type RegistryRating = typeof RegistryRating.Type

const LOADS = Object.values(KINDS).flatMap(({ load, raised }) => (load && raised !== undefined ? raised.unit : []))

/** A ladder of loads or batches, and where more no longer pays. */
export const RegistryLadder = Schema.Struct({
  by: Schema.Literals([...LOADS, "documents a forward pass", "documents a call"]),
  /** The smallest first. */
  records: Schema.Array(Schema.NonEmptyString),
  /**
   * The last load that pays, in what `by` names (streams, requests a second, documents); left out while the throughput
   * still grows.
   */
  knee: Schema.optionalKey(Schema.Finite),
  /**
   * The largest load that meets the objectives, in streams or requests a second; left out if there are none, or none
   * meets them.
   */
  largestGood: Schema.optionalKey(Schema.Finite),
}).annotate({ identifier: "RegistryLadder" })
export type RegistryLadder = typeof RegistryLadder.Type

/** How alike the answers of two runs of one model are, named by their records. */
export const RegistryEquivalence = Schema.Struct({
  records: Schema.Tuple([Schema.NonEmptyString, Schema.NonEmptyString]),
  /** Whether the weights of both come from one file: only then are they judged. */
  sameWeights: Schema.Boolean,
  agreement: Agreement,
  disagree: Schema.optionalKey(Schema.Boolean),
}).annotate({ identifier: "RegistryEquivalence" })
export type RegistryEquivalence = typeof RegistryEquivalence.Type

/** A note's claim beside the runs that it is about. */
export const RegistryClaim = Schema.Struct({
  claim: Claim,
  state: Schema.Literals(["borne out", "contradicted", "not measured"]),
  witnesses: Schema.Array(
    Schema.Struct({
      record: Schema.NonEmptyString,
      found: Schema.Union([
        Schema.Struct({ value: Schema.Finite, unit: Schema.NonEmptyString }),
        Schema.Struct({ devices: Schema.Array(Schema.String) }),
      ]),
      agrees: Schema.Boolean,
    }),
  ),
}).annotate({ identifier: "RegistryClaim" })
export type RegistryClaim = typeof RegistryClaim.Type

const RegistryNote = Schema.Struct({
  path: Schema.NonEmptyString,
  date: Schema.optionalKey(Schema.NonEmptyString),
  author: Schema.optionalKey(Schema.NonEmptyString),
  text: Schema.String,
  claims: Schema.optionalKey(Schema.Array(RegistryClaim)),
})

/** What is planned and not yet valid. */
const RegistryStep = Schema.Struct({
  id: Schema.NonEmptyString,
  name: Schema.NonEmptyString,
  priority: Schema.Literals(["high", "normal", "low"]),
  use: Schema.optionalKey(Schema.NonEmptyString),
  because: Schema.NonEmptyString,
})

/** Runs of one model that differ in one thing only, by their records. */
const RegistryComparison = Schema.Struct({
  by: Schema.Literals(VARYING.map(({ by }) => by)),
  family: Schema.NonEmptyString,
  records: Schema.Array(Schema.NonEmptyString),
})

/** What the files of a family lose and gain, against one reference on one text. */
export const RegistryLossTradeoff = Schema.Struct({
  family: Schema.NonEmptyString,
  /** Most bits first. */
  rows: Schema.Array(
    Schema.Struct({
      /** The record of the loss. */
      loss: Schema.NonEmptyString,
      /** KL divergence in nats, with its 95 % interval. */
      kld: Schema.Finite,
      low: Schema.optionalKey(Schema.Finite),
      high: Schema.optionalKey(Schema.Finite),
      bitsPerWeight: Schema.Finite,
      /** Of the weights, in bytes. */
      bytes: Schema.Finite,
      /** The record of the speed; left out where there is none of the same file, engine and cache. */
      speed: Schema.optionalKey(Schema.NonEmptyString),
      /** Median, in tokens/s. */
      decode: Schema.optionalKey(Schema.Finite),
      pareto: Schema.Boolean,
    }),
  ),
}).annotate({ identifier: "RegistryLossTradeoff" })
export type RegistryLossTradeoff = typeof RegistryLossTradeoff.Type

/**
 * models/registry.json. Fields may be added under the same `schema`; any other change raises it. Since 2, ratings list their
 * figures of quality, and say no longer that they rate speed only.
 */
export const RegistryDocument = Schema.Struct({
  schema: Schema.Literals([1, 2]),
  /** When the latest record was finished; null for an empty registry. */
  updatedAt: Schema.NullOr(Schema.String),
  entries: Schema.Array(
    Schema.Struct({
      id: Schema.NonEmptyString,
      name: Schema.NonEmptyString,
      /** Number of records that a later one replaced. */
      superseded: Schema.Int,
      family: Schema.optionalKey(Schema.NonEmptyString),
      planned: Schema.optionalKey(Planned),
      notes: Schema.Array(RegistryNote),
      records: Schema.Array(RegistryRun),
      ratings: Schema.Array(RegistryRating),
      /** Runs that differ only in their load. Left out by older versions. */
      ladders: Schema.optionalKey(Schema.Array(RegistryLadder)),
    }),
  ),
  /** Version of the rules that stars were given by; null if there are none. */
  ratingRules: Schema.NullOr(Schema.Int),
  /** Left out by versions that stored no answers. */
  equivalences: Schema.optionalKey(Schema.Array(RegistryEquivalence)),
  /** Models without a record, with estimates that are never measured figures. */
  planned: Schema.optionalKey(Schema.Array(PlannedModel)),
  nextSteps: Schema.optionalKey(Schema.Array(RegistryStep)),
  comparisons: Schema.optionalKey(Schema.Array(RegistryComparison)),
  /** Left out where no loss was measured. */
  losses: Schema.optionalKey(Schema.Array(RegistryLossTradeoff)),
  /** What other tools measured, not Rigbook. */
  imported: Schema.Array(Imported),
}).annotate({ identifier: "RegistryDocument" })
export type RegistryDocument = typeof RegistryDocument.Type

type DocumentEntry = RegistryDocument["entries"][number]

/** The registry as a document that other programs can rely on, each entry to be made when it is written. */
export const registryDocument = (
  registry: Registry,
): Omit<RegistryDocument, "entries"> & { readonly entries: ReadonlyArray<() => DocumentEntry> } => {
  const { entries, equivalences, imported, nextSteps, planned: models, rules, updatedAt } = registry
  return {
    schema: 2,
    updatedAt: updatedAt ?? null,
    entries: entries.map((entry) => () => documentEntry(entry, registry)),
    ratingRules: rules?.version ?? null,
    equivalences: equivalences.map(registryEquivalence),
    planned: models,
    nextSteps,
    comparisons: sideBySide(entries).map(({ family, records, varying }) => ({
      by: varying.by,
      family,
      records: records.map(({ id }) => id),
    })),
    ...lossesOf(registry),
    imported,
  }
}

const lossesOf = ({ entries }: Registry): Pick<RegistryDocument, "losses"> => {
  const tradeoffs = lossTradeoffsOf(entries)
  return tradeoffs.length === 0
    ? {}
    : { losses: tradeoffs.map(({ family, rows }) => ({ family, rows: rows.map(lossRow) })) }
}

const lossRow = ({ bitsPerWeight, bytes, kld, loss, onFront, speed }: LossRow) => {
  const result = loss.values.find(({ metric: id }) => id === "kld_mean")?.result
  const { high, low } = result !== undefined && "summary" in result ? result.summary : {}
  const decode = speed === undefined ? undefined : medianOf(speed, metricOf("speed", "generate").id)
  return {
    loss: loss.id,
    kld,
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
    bitsPerWeight,
    bytes,
    ...(speed === undefined ? {} : { speed: speed.id }),
    ...(decode === undefined ? {} : { decode }),
    pareto: onFront,
  }
}

const documentEntry = (
  { family, id, name, notes, planned, ratings, records, superseded }: Registry["entries"][number],
  registry: Registry,
): DocumentEntry => ({
  id,
  name,
  superseded,
  family,
  ...(planned === undefined ? {} : { planned }),
  notes: notes.map(registryNote),
  records: records.map((record) => registryRun(record, registry)),
  ratings: ratings.map(registryRating),
  ladders: [...loadScaling(records).map(loadLadder), ...batchScaling(records).map(batchLadder)],
})

const registryNote = ({ author, claims, date, path, text }: CheckedNote) => ({
  path,
  ...(date === undefined ? {} : { date }),
  ...(author === undefined ? {} : { author }),
  text,
  ...(claims.length === 0 ? {} : { claims: claims.map(registryClaim) }),
})

const registryClaim = ({ claim, state, witnesses }: CheckedClaim): RegistryClaim => ({
  claim,
  state,
  witnesses: witnesses.map(({ record, ...reported }) => ({ record: record.id, ...reported })),
})

const registryRating = ({ criteria, quality, record, result, useCase }: Rating): RegistryRating => ({
  useCase: useCase.id,
  record: record.id,
  criteria: criteria.map(({ metric: id, result: given, weight }) => ({ metric: id, weight, result: given })),
  ...(quality.length === 0 ? {} : { quality: quality.map(({ unit: _unit, ...found }) => found) }),
  result,
})

const loadLadder = ({ by, points, saturation: { knee, largestGood } }: LoadGroup): RegistryLadder => ({
  by,
  records: points.map(({ record }) => record.id),
  ...(knee === undefined ? {} : { knee }),
  ...(largestGood === undefined ? {} : { largestGood }),
})

const batchLadder = (group: ScalingGroup): RegistryLadder => {
  const last = lastThatPays(group)?.scenario
  const byBatch = growsByBatch(group)
  return {
    by: byBatch ? "documents a forward pass" : "documents a call",
    records: group.map(({ record }) => record.id),
    ...(last === undefined ? {} : { knee: byBatch ? last.batchSize : last.documents }),
  }
}

const registryEquivalence = ({ records: [one, other], ...compared }: Equivalence): RegistryEquivalence => ({
  records: [one.id, other.id],
  ...compared,
})

const registryRun = (record: RunRecord, { reports, stale }: Registry): RegistryRun => {
  // oxlint-disable-next-line typescript/no-misused-spread -- its fields make another one.
  const { tensorBytes: _tensors, ...model } = { ...record.cell.model }
  const { backend, host, placement, prompts, reference, runtime, scenario, task } = record.cell
  const reason = record.failure?.reason
  const estimates = estimatesOf(record)
  const outdated = stale.get(record.id)
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
    ...(isQuality(scenario) ? { dataset: datasetOf(record.cell) } : {}),
    ...(reference === undefined ? {} : { reference }),
    runtime: {
      program: runtime.program,
      version: runtime.version,
      origin: runtime.origin,
      libraries: runtime.libraries,
    },
    host: host.fingerprint,
    verdict: record.verdict,
    ...(record.truncation === undefined ? {} : { truncation: record.truncation }),
    ...(reason === undefined ? {} : { failure: { kind: reason._tag, detail: reason.detail } }),
    values: Object.fromEntries(record.values.map((value) => [value.metric, registryValue(value)])),
    ...(estimates.length === 0 ? {} : { estimates }),
    ...(outdated === undefined ? {} : { stale: outdated }),
    ...(reports.has(record.id) ? { report: reportPath(record) } : {}),
  }
}

const datasetOf = ({ prompts, scenario }: RunRecord["cell"]) => ({
  id: prompts.name,
  license: prompts.license,
  ...(prompts.language === undefined ? {} : { language: prompts.language }),
  n: isQuality(scenario) && scenario.measure === "kld" ? scenario.chunks : prompts.count,
})

const registryValue = ({ better, definition, result, title, unit }: MetricValue): RegistryValue => {
  if ("absent" in result) return { title, unit, better, definition, absent: result.absent }
  const { max: _max, min: _min, ...summary } = result.summary
  return { title, unit, better, definition, ...summary, trials: result.trials }
}
