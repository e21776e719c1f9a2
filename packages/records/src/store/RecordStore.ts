import {
  type Exit,
  type Environment,
  type Metric,
  placedGpus,
  type ProcessMemory,
  RunRecord,
  type Sample,
  type TelemetryOpening,
  trialTelemetry,
  FILE_LIMITS,
  readBytes,
  readTextIfAny,
} from "@rigbook/core"
import { Effect, FileSystem, Schema } from "effect"
import { createHash } from "node:crypto"
import { basename, join } from "node:path"
import { type Journal, JOURNAL_FILE, readJournal } from "../journal/Journal.ts"
import { readTelemetry, TELEMETRY_FILE } from "../journal/TelemetryFile.ts"
import { METRICS, metricsOfCell } from "../metrics/Metrics.ts"
import { turnsOf } from "../metrics/Turns.ts"
import { valuesOf } from "../metrics/Values.ts"
import { estimatesOf } from "../verdict/Estimate.ts"
import { judge } from "../verdict/Judge.ts"
import { observeDevices } from "../verdict/ObserveDevices.ts"
import { provePlacement } from "../verdict/ProvePlacement.ts"
import { truncationOf } from "../verdict/Truncation.ts"
import { writeAtomically } from "../workspace/WriteAtomically.ts"
import { DERIVATION, withholdsShort } from "./Derivation.ts"
import { internParts } from "./InternParts.ts"

/** The record of a cell, in its folder. */
export const RECORD_FILE = "record.json"

/** A record from its JSON text. Fails with `SchemaError` if it is not one. */
export const decodeRecord = Schema.decodeUnknownEffect(Schema.fromJsonString(RunRecord))
const encodeRecord = Schema.encodeEffect(RunRecord)

/** A record.json that can't be read. */
export class BadRecord extends Schema.TaggedError<BadRecord>()("BadRecord", {
  path: Schema.String,
  detail: Schema.String,
}) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return `${this.path}: ${this.detail} Its samples are beside it: rigbook derive restores it from them. Move the folder away to leave it out.`
  }
}

/** A record's telemetry, by opening of the engine, and the hash of its file. */
export interface RecordTelemetry {
  readonly sha256: string
  readonly openings: ReadonlyArray<TelemetryOpening>
}

/** Derives the record from its journal and telemetry. Pure: the same files give the same figures and verdict again. */
export const recordOf = (
  { answers, effective, environments, failure, finishedAt, header, identities, samples }: Journal,
  journalSha256: string,
  metrics: ReadonlyArray<Metric> = METRICS,
  reported?: RecordTelemetry,
  rules: number = DERIVATION,
): RunRecord => {
  const { cell, id, requested, startedAt } = header
  const environment = busiest(environments)
  const telemetry = reported?.openings ?? []
  const placed = placedGpus(cell)
  const values = valuesOf(
    samples,
    metricsOfCell(cell, metrics),
    (sample) => trialTelemetry(telemetry, sample, placed),
    withholdsShort(rules),
  )
  const devices = observeDevices(telemetry, samples)
  const proof = provePlacement(cell, effective, devices)
  const peak = values.find(({ metric }) => metric === "memory_peak")?.result
  const observed: RunRecord["observed"] = {
    peakRssBytes:
      peak !== undefined && "summary" in peak
        ? { value: peak.summary.max }
        : { absent: peak?.absent ?? "memory was not sampled" },
    ...processesOf(samples),
    ...(reported === undefined ? {} : { devices, placement: proof }),
  }
  const truncation = truncationOf(samples, effective)
  const scored = samples.find(({ phase }) => phase === "measured")?.scored
  const turns = turnsOf(samples)
  const estimates = estimatesOf({ cell, effective, observed, requested })
  const count = (phase: "warmup" | "measured") => samples.filter((sample) => sample.phase === phase).length
  return new RunRecord({
    schema: 1,
    ...(DERIVATION === 1 ? {} : { derivation: DERIVATION }),
    id,
    startedAt,
    finishedAt: finishedAt ?? startedAt,
    cell,
    environment,
    requested,
    ...(effective === undefined ? {} : { effective }),
    observed,
    ...(estimates.length === 0 ? {} : { estimates }),
    ...(failure === undefined ? {} : { failure }),
    samples: { sha256: journalSha256, warmup: count("warmup"), measured: count("measured") },
    ...(truncation === undefined ? {} : { truncation }),
    ...(answers === undefined ? {} : { answers }),
    ...(scored === undefined ? {} : { scored }),
    ...(turns === undefined ? {} : { turns }),
    ...(reported === undefined
      ? {}
      : {
          telemetry: {
            sha256: reported.sha256,
            readings: telemetry.reduce((sum, { readings }) => sum + readings.length, 0),
          },
        }),
    values,
    verdict: judge({ cell, environment, requested, effective, failure, samples, values, telemetry, proof, identities }),
  })
}

const processesOf = (samples: ReadonlyArray<Sample>): Pick<RunRecord["observed"], "processes"> => {
  const peaks = new Map<number, ProcessMemory>()
  for (const { memory, phase } of samples)
    for (const reading of phase === "measured" ? (memory.processes ?? []) : [])
      if (reading.peakRssBytes > (peaks.get(reading.pid)?.peakRssBytes ?? -1)) peaks.set(reading.pid, reading)
  if (peaks.size === 0) return {}
  return { processes: [...peaks.values()].toSorted((a, b) => b.peakRssBytes - a.peakRssBytes || a.pid - b.pid) }
}

/** Of all machine states in which a run was started or resumed, the worst one. */
const busiest = (environments: Journal["environments"]): Environment =>
  environments.reduce((worst, next) => (busyOf(next) > busyOf(worst) ? next : worst))

const busyOf = ({ busy }: Environment): number => ("value" in busy ? busy.value : 0)

/**
 * The record that the files of a folder give now; with the figures that `rules` of another version show. `undefined` if
 * there is no journal. Fails with `BadJournal` or `BadTelemetry` if one of their lines is invalid, with `UnreadableFile` if a
 * file can't be read.
 */
export const deriveRecord = Effect.fn("RecordStore.deriveRecord")(function* (
  folder: string,
  metrics: ReadonlyArray<Metric> = METRICS,
  rules: number = DERIVATION,
) {
  const journal = yield* readJournal(folder)
  if (journal === undefined) return undefined
  const journalSha256 = yield* sha256Of(join(folder, JOURNAL_FILE))
  return recordOf(journal, journalSha256, metrics, yield* recordTelemetry(folder), rules)
})

/**
 * Writes the record of a finished journal, completely or not at all. Fails with `BadJournal` or `BadTelemetry` if
 * one of their lines is invalid, with `UnreadableFile` or `PlatformError` if a file can't be read or written.
 */
export const writeRecord = Effect.fn("RecordStore.writeRecord")(function* (
  folder: string,
  metrics: ReadonlyArray<Metric> = METRICS,
) {
  const record = yield* deriveRecord(folder, metrics)
  if (record === undefined) return yield* Effect.die(new Error(`${folder} has no journal to derive a record from`))
  yield* writeAtomically(join(folder, RECORD_FILE), yield* recordText(record))
  return record
})

/** The telemetry beside a journal; `undefined` if there is none. */
const recordTelemetry = Effect.fnUntraced(function* (folder: string) {
  const openings = yield* readTelemetry(folder)
  if (openings.length === 0) return undefined
  return { sha256: yield* sha256Of(join(folder, TELEMETRY_FILE)), openings } satisfies RecordTelemetry
})

const sha256Of = Effect.fnUntraced(function* (path: string) {
  return createHash("sha256")
    .update(yield* readBytes(path, FILE_LIMITS.journal))
    .digest("hex")
})

/** A record as record.json holds it. */
export const recordText = Effect.fnUntraced(function* (record: RunRecord) {
  const encoded = yield* Effect.orDie(encodeRecord(record))
  return `${JSON.stringify(encoded, null, 2)}\n`
})

/** The folders of cells, by name. Files among them, such as a `.gitkeep`, are ignored. Fails with `PlatformError`. */
export const recordFolders = Effect.fnUntraced(function* (raw: string) {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* fs.exists(raw))) return []
  const paths = (yield* fs.readDirectory(raw)).toSorted().map((name) => join(raw, name))
  // A broken link is no folder either.
  const isFolder = (path: string) => Effect.map(fs.stat(path), ({ type }) => type === "Directory")
  return yield* Effect.filter(paths, (path) => Effect.orElseSucceed(isFolder(path), () => false))
})

/**
 * The record of a folder; `undefined` for one that has none yet. Fails with `BadRecord`, which says what is wrong with
 * it.
 */
export const readRecord = Effect.fn("RecordStore.readRecord")(function* (folder: string) {
  const text = yield* Effect.mapError(readTextIfAny(join(folder, RECORD_FILE), FILE_LIMITS.record), ({ detail }) =>
    badRecord(folder, { message: `the file ${detail}` }),
  )
  if (text === undefined) return undefined
  const record = yield* Effect.mapError(decodeRecord(text), (error) => badRecord(folder, error))
  if (record.id === basename(folder)) return record
  return yield* badRecord(folder, { message: "its id is not the name of its folder" })
})

const badRecord = (folder: string, { message }: { readonly message: string }): BadRecord =>
  new BadRecord({
    path: join("benchmarks/results/raw", basename(folder), RECORD_FILE),
    detail: `not a record: ${message.split("\n")[0]!}.`,
  })

/**
 * All records of a workspace, oldest first, and the folders whose record can't be read. Fails with `PlatformError`
 * where `raw` can't.
 */
export const readRecords = Effect.fn("RecordStore.readRecords")(function* (raw: string) {
  const fs = yield* FileSystem.FileSystem
  const names = (yield* fs.exists(raw)) ? yield* fs.readDirectory(raw) : []
  const intern = internParts()
  const read = yield* Effect.forEach(names.toSorted(), (name) =>
    readRecord(join(raw, name)).pipe(
      Effect.map((record) => record && intern(record)),
      Effect.catchTag("BadRecord", Effect.succeed),
    ),
  )
  const broken = read.filter((record) => record instanceof BadRecord)
  const records = read.filter((record) => record instanceof RunRecord)
  return { records: records.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1)), broken }
})

/** Folders of cells that were begun and not finished: they have a journal and no record. Fails with `PlatformError`. */
export const unfinishedFolders = Effect.fn("RecordStore.unfinishedFolders")(function* (raw: string) {
  const fs = yield* FileSystem.FileSystem
  // A file that can't even be checked, such as a link to itself, counts as missing.
  const isThere = (path: string) => Effect.orElseSucceed(fs.exists(path), () => false)
  return yield* Effect.filter(yield* recordFolders(raw), (folder) =>
    Effect.map(
      Effect.all([isThere(join(folder, JOURNAL_FILE)), isThere(join(folder, RECORD_FILE))]),
      ([journal, record]) => journal && !record,
    ),
  )
})
