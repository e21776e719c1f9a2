import {
  type Metric,
  type AnyModel,
  type ModelSource,
  promptsOf,
  type RunRecord,
  FILE_LIMITS,
  readText,
  readTextIfAny,
} from "@rigbook/core"
import { fileSha256, ggufSha256, modelFiles, originFile, readSafetensors } from "@rigbook/core/models"
import { Effect, FileSystem } from "effect"
import { basename, dirname, isAbsolute, join, relative } from "node:path"
import { JOURNAL_FILE, readJournal } from "../journal/Journal.ts"
import { lineOfSample, misplacedTrials } from "../journal/Trials.ts"
import { METRICS } from "../metrics/Metrics.ts"
import { DERIVATION, foreignValues, type Staleness, staleness } from "../store/Derivation.ts"
import { decodeRecord, deriveRecord, RECORD_FILE, recordText, unfinishedFolders } from "../store/RecordStore.ts"
import { localNames, localPaths } from "../workspace/LocalPaths.ts"
import { readPrompts, syntheticSet } from "../workspace/PromptSet.ts"
import type { Workspace } from "../workspace/Workspace.ts"
import { sharedPrompts } from "../workspace/SharedPrompts.ts"
import { asRecorded, expectedRecord, metricsOf, missingMetrics } from "./Expected.ts"
import type { Finding } from "./Finding.ts"
import { differentLines, sampleLines } from "./RecordLines.ts"

/** What was checked, and what is wrong with it. */
export interface Verification {
  readonly findings: ReadonlyArray<Finding>
  /** What could not be checked, and why; no finding. */
  readonly unchecked: ReadonlyArray<string>
  /** Why the record differs from what this program would derive; no finding. Left out if it is up to date. */
  readonly staleness?: Staleness
}

/**
 * Derives a record again from its samples, and compares every line; for one derived with other rules, what
 * rules don't change. Then the hashes: of the samples, of the prompts, and of the model if its files are on this
 * machine. Of a record that others measured (`pulled`), whose paths are theirs, no model is looked for, and prompts only where
 * they came along. What is wrong is a finding; fails with `BadTelemetry`, `UnreadableFile` or `PlatformError` only if files can't be read at all.
 */
export const verifyRecord = Effect.fn("VerifyRecord.verifyRecord")(function* (
  workspace: Workspace,
  folder: string,
  metrics: ReadonlyArray<Metric> = METRICS,
  { pulled = false }: { readonly pulled?: boolean } = {},
) {
  const of = (file: string) => ({ record: basename(folder), file: relative(workspace.root, join(folder, file)) })
  const findings: Array<Finding> = []
  const result = (unchecked: ReadonlyArray<string> = []): Verification => ({ findings, unchecked })
  const read = yield* Effect.result(readTextIfAny(join(folder, RECORD_FILE), FILE_LIMITS.record))
  if (read._tag === "Failure") {
    findings.push({ ...of(RECORD_FILE), detail: `not a record: the file ${read.failure.detail}` })
    return result()
  }
  const text = read.success
  if (text === undefined) {
    const isCut = (yield* unfinishedFolders(workspace.raw)).includes(folder)
    if (isCut) {
      findings.push(...(yield* trialFindings(folder, of(JOURNAL_FILE))))
      const journal = yield* Effect.orElseSucceed(readJournal(folder), () => undefined)
      const isFinished = journal?.finishedAt !== undefined
      return result([
        `${basename(folder)} ${isFinished ? "has no record; to create it: rigbook derive" : "is unfinished"}`,
      ])
    }
    findings.push({ ...of(RECORD_FILE), detail: "the record is missing, and there are no samples to derive it from" })
    return result()
  }
  const decoded = yield* Effect.result(decodeRecord(text))
  if (decoded._tag === "Failure") {
    findings.push({ ...of(RECORD_FILE), detail: `not a record: ${decoded.failure.message.split("\n")[0]!}` })
    return result()
  }
  const record = decoded.success
  const stale = staleness(record, metrics)
  const sameRules = (record.derivation ?? 1) === DERIVATION
  const recorded = asRecorded(record, metricsOf(record, metrics))
  const derivation = yield* Effect.result(deriveRecord(folder, recorded, record.derivation ?? 1))
  if (derivation._tag === "Failure") {
    const { failure } = derivation
    if (failure._tag === "UnreadableFile")
      findings.push({ ...of(basename(failure.path)), detail: `the file ${failure.detail}` })
    else if (failure._tag !== "BadJournal") return yield* failure
    else findings.push({ ...of(JOURNAL_FILE), line: failure.line, detail: `this line was changed: ${failure.detail}` })
  } else if (derivation.success === undefined)
    findings.push({ ...of(JOURNAL_FILE), detail: "the samples of this record are missing" })
  else {
    const derived = derivation.success
    if (derived.samples.sha256 !== record.samples.sha256) {
      findings.push({
        ...of(JOURNAL_FILE),
        detail: "the samples are not the ones that the record was derived from",
        expected: `SHA-256 ${record.samples.sha256}`,
        found: `SHA-256 ${derived.samples.sha256}`,
      })
      const journal = yield* readText(join(folder, JOURNAL_FILE), FILE_LIMITS.journal)
      findings.push(...sampleLines(of(JOURNAL_FILE), journal, { record, derived }))
    }
    const missing = missingMetrics(record, derived)
    if (missing.length > 0)
      findings.push({
        ...of(RECORD_FILE),
        detail: `without ${missing.join(", ")}, which its samples give; to derive it again: rigbook derive`,
      })
    const expected = yield* recordText(expectedRecord(record, derived, { metrics, sameRules }))
    const what = { ...of(RECORD_FILE), detail: "differs from what the samples give" }
    // Another version may order what it writes in another way.
    findings.push(...differentLines(what, expected, sameRules ? text : yield* recordText(record)))
  }
  if (derivation._tag === "Success") findings.push(...(yield* trialFindings(folder, of(JOURNAL_FILE))))
  const hasPrompts = !pulled || (yield* promptsCameAlong(workspace, record))
  if (hasPrompts) findings.push(...(yield* promptFindings(workspace, record)))
  const model = pulled ? { findings: [], unchecked: [] } : yield* modelFindings(workspace, record)
  findings.push(...model.findings)
  const unchecked = [
    ...foreignValues(record, metrics).map(
      ({ metric }) => `${metric} of ${record.id} belongs to a plugin that is not installed`,
    ),
    ...model.unchecked,
    ...(hasPrompts ? [] : [`the prompts of ${record.id} did not come along`]),
  ]
  return { ...result(unchecked), ...(stale === undefined ? {} : { staleness: stale }) } satisfies Verification
})

/** Duplicate or missing trials; and for an interrupted run, a line that can't be read. */
const trialFindings = Effect.fnUntraced(function* (folder: string, place: Pick<Finding, "record" | "file">) {
  const read = yield* Effect.result(readJournal(folder))
  if (read._tag === "Failure") {
    const { failure } = read
    return failure._tag === "BadJournal"
      ? [{ ...place, line: failure.line, detail: `this line was changed: ${failure.detail}` }]
      : [{ ...place, detail: `can't be read: ${failure.message}` }]
  }
  const misplaced = read.success === undefined ? [] : misplacedTrials(read.success)
  if (misplaced.length === 0) return []
  const text = yield* readText(join(folder, JOURNAL_FILE), FILE_LIMITS.journal)
  return misplaced.map(({ detail, sample }): Finding => ({ ...place, line: lineOfSample(text, sample), detail }))
})

const promptFindings = Effect.fnUntraced(function* (workspace: Workspace, { cell, id }: RunRecord) {
  const requested = promptsOf(cell.scenario)
  const path = cell.prompts.file ?? relative(workspace.root, join(workspace.prompts, `${cell.prompts.name}.jsonl`))
  const place = { record: id, file: path }
  const set = yield* Effect.result(
    requested === undefined ? Effect.succeed(syntheticSet) : readPrompts(requested, workspace),
  )
  if (set._tag === "Failure") return [{ ...place, detail: set.failure.detail }]
  if (set.success.sha256 === cell.prompts.sha256) return []
  return [
    {
      ...place,
      detail: "the prompts are not the ones used for measuring",
      expected: `SHA-256 ${cell.prompts.sha256}`,
      found: `SHA-256 ${set.success.sha256}`,
    },
  ]
})

const promptsCameAlong = Effect.fnUntraced(function* (workspace: Workspace, { cell }: RunRecord) {
  const fs = yield* FileSystem.FileSystem
  const path = sharedPrompts(cell.scenario)
  return path === undefined
    ? promptsOf(cell.scenario) === undefined
    : yield* Effect.orElseSucceed(fs.exists(join(workspace.root, path)), () => false)
})

/** The files of a record's model on this machine: the first existing one of those that its path may mean. */
const modelPath = Effect.fnUntraced(function* ({ root }: Workspace, { source, config }: RunRecord["cell"]) {
  const fs = yield* FileSystem.FileSystem
  const folder = dirname(join(root, config.path))
  const named: ModelSource = "quantized" in source ? source.quantized.from : source
  const paths =
    "path" in named
      ? localPaths(localNames(root), named.path).map((path) => (isAbsolute(path) ? path : join(folder, path)))
      : [modelFiles(named, folder)?.path].filter((path) => path !== undefined)
  for (const path of paths) if (yield* Effect.orElseSucceed(fs.exists(path), () => false)) return { path }
  return paths.length === 0 ? undefined : { path: undefined }
})

const modelFindings = Effect.fnUntraced(function* (workspace: Workspace, { cell, id }: RunRecord) {
  const { root } = workspace
  const there = yield* modelPath(workspace, cell)
  if (there === undefined) return { findings: [], unchecked: [`the weights of ${id} are not in stored files`] }
  const { path } = there
  if (path === undefined) return { findings: [], unchecked: [`the model of ${id} is not on this machine`] }
  // What a backend unpacked or quantized is identified by its source file.
  const measured = originFile(cell.source, cell.model)
  const hash = yield* Effect.result(modelSha256(measured, path, measured !== cell.model))
  const file = relative(root, path)
  if (hash._tag === "Success" && hash.success === undefined)
    return {
      findings: [],
      unchecked: [`the model of ${id} has the format ${measured.format}, which only its backend reads`],
    }
  if (hash._tag === "Failure") return { findings: [{ record: id, file, detail: hash.failure.message }], unchecked: [] }
  if (hash.success === measured.sha256) return { findings: [], unchecked: [] }
  const expected = `SHA-256 ${measured.sha256}`
  const detail = "the model is not the one that was measured"
  return { findings: [{ record: id, file, detail, expected, found: `SHA-256 ${hash.success}` }], unchecked: [] }
})

/** `undefined` for a format whose hash only its backend knows, unless the file is one that a model was made from. */
const modelSha256 = Effect.fnUntraced(function* (
  { format }: Pick<AnyModel, "format">,
  path: string,
  isOrigin: boolean,
) {
  if (format === "gguf") return yield* ggufSha256(path)
  if (format === "safetensors") return (yield* readSafetensors(path)).sha256
  return isOrigin ? yield* fileSha256(path) : undefined
})
