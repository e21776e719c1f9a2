import {
  FILE_LIMITS,
  type FileContent,
  type Metric,
  PluginError,
  readBytes,
  readText,
  report,
  type UnreadableFile,
} from "@rigbook/core"
import {
  differentLines,
  type Finding,
  findingText,
  originsOf,
  originWorkspace,
  readAllRecords,
  recordFolders,
  type Staleness,
  verifyRecord,
  type Workspace,
} from "@rigbook/records"
import { importFolders, verifyImport } from "@rigbook/registry"
import { Effect, type FileSystem } from "effect"
import { basename, join, relative } from "node:path"
import { EXIT } from "../Failure.ts"
import { count } from "../output/Count.ts"
import { print, printJson } from "../output/Print.ts"
import { installedMetrics } from "../Plugins.ts"
import { chosenFolders } from "./ChosenFolders.ts"
import { openWorkspace } from "./OpenWorkspace.ts"
import { renderWith } from "./Registry.ts"
import { verifyReports } from "./WriteReport.ts"

/** What `rigbook verify` was called with. */
export interface VerifyInput {
  readonly records: ReadonlyArray<string>
  readonly json: boolean
}

/**
 * Checks records against their samples, and without names reports and the registry too. Exit code 1 on a difference.
 */
export const verify = Effect.fn("Verify.verify")(function* ({ json, records: words }: VerifyInput) {
  const workspace = yield* openWorkspace
  const folders = yield* chosenFolders(workspace, words)
  const metrics = yield* installedMetrics
  const verified = yield* Effect.forEach(folders, (folder, done) =>
    Effect.andThen(
      report({ step: "verify", detail: basename(folder), done, total: folders.length }),
      verifyRecord(workspace, folder, metrics),
    ),
  )
  const rest = words.length === 0 ? yield* verifyRest(workspace, metrics) : { findings: [], unchecked: [] }
  const pulled =
    words.length === 0 ? yield* verifyPulled(workspace, metrics) : { folders: [], findings: [], unchecked: [] }
  const findings = [...verified.flatMap((one) => one.findings), ...pulled.findings, ...rest.findings]
  const unchecked = [...verified.flatMap((one) => one.unchecked), ...pulled.unchecked, ...rest.unchecked]
  const number = count(folders.length + pulled.folders.length, "record")
  yield* report({ step: "verify", detail: `${number} checked`, finished: true })
  const stale = verified.flatMap(({ staleness: why }, at) =>
    why === undefined ? [] : [{ record: basename(folders[at]!), why }],
  )
  if (json)
    yield* printJson({
      records: [...folders, ...pulled.folders].map((folder) => basename(folder)),
      findings,
      unchecked,
      stale,
    })
  else
    yield* print(
      [
        ...findings.map(findingText),
        ...unchecked.map((what) => `not checked: ${what}`),
        ...staleLines(stale.map(({ why }) => why)),
        findings.length === 0
          ? `${number}: every figure agrees with the samples.`
          : `${count(findings.length, "finding")} in ${number}.`,
      ].join("\n"),
    )
  return findings.length === 0 ? EXIT.done : EXIT.failed
})

const CURES: Readonly<Record<Staleness, string>> = {
  "older rules": "derived with older rules: rigbook derive",
  "other metrics": "derived with other metrics: rigbook derive",
  "newer rules": "derived by a newer version of Rigbook: update this one",
}

/** One line for each reason why records differ from what this program would derive. */
const staleLines = (all: ReadonlyArray<Staleness>): ReadonlyArray<string> =>
  [...Map.groupBy(all, (why) => why)].map(([why, { length }]) => `${count(length, "record")} ${CURES[why]}`)

/** Records that were pulled, each in the workspace of its origin, with paths from this one's root. */
const verifyPulled = Effect.fnUntraced(function* (workspace: Workspace, metrics: ReadonlyArray<Metric>) {
  const origins = (yield* originsOf(workspace)).map((origin) => originWorkspace(workspace, origin))
  const all = yield* Effect.forEach(origins, (from) =>
    Effect.map(recordFolders(from.raw), (folders) => folders.map((folder) => ({ folder, from }))),
  )
  const verified = yield* Effect.forEach(all.flat(), ({ folder, from }) =>
    Effect.map(verifyRecord(from, folder, metrics, { pulled: true }), ({ findings, unchecked }) => ({
      findings: findings.map((one) => ({ ...one, file: join(relative(workspace.root, from.root), one.file) })),
      unchecked,
    })),
  )
  return {
    folders: all.flat().map(({ folder }) => folder),
    findings: verified.flatMap(({ findings }) => findings),
    unchecked: verified.flatMap(({ unchecked }) => unchecked),
  }
})

/** What is generated from all records (reports, the registry), and imports. */
const verifyRest = Effect.fnUntraced(function* (workspace: Workspace, metrics: ReadonlyArray<Metric>) {
  const { records } = yield* readAllRecords(workspace)
  const reports = yield* verifyReports(workspace, records, metrics)
  return {
    findings: [...(yield* importFindings(workspace)), ...reports.findings, ...(yield* registryFindings(workspace))],
    unchecked: reports.unchecked,
  }
})

const importFindings = Effect.fnUntraced(function* ({ imported, root }: Workspace) {
  const findings = yield* Effect.forEach(yield* importFolders(imported), (folder) => verifyImport(root, folder))
  return findings.flat()
})

const registryFindings = Effect.fnUntraced(function* (workspace: Workspace) {
  const { failed, files, issues } = yield* renderWith(workspace)
  const different = yield* Effect.forEach(files, ({ content, path }) => {
    const file = relative(workspace.root, path)
    return Effect.suspend(() => contentFindings(path, { file, detail: "differs from the records" }, content())).pipe(
      Effect.catchDefect((defect) =>
        defect instanceof PluginError ? Effect.succeed([{ file, detail: defect.message }]) : Effect.die(defect),
      ),
    )
  })
  return [
    ...failed.map(({ message }): Finding => ({ file: "rigbook.yaml", detail: message })),
    ...issues.map(({ file, line, message }): Finding => ({ file, line, detail: message })),
    ...different.flat(),
  ]
})

/** How a generated file differs from what it should hold. */
const contentFindings = Effect.fnUntraced(function* (path: string, about: Finding, expected: FileContent) {
  const { file } = about
  const read = typeof expected === "string" ? readText : readBytes
  const found = yield* Effect.result<string | Uint8Array, UnreadableFile, FileSystem.FileSystem>(
    read(path, FILE_LIMITS.generated),
  )
  if (found._tag === "Failure") {
    const { detail, missing } = found.failure
    return [{ file, detail: missing ? "this file of the registry is missing" : `this file ${detail}` }]
  }
  if (typeof expected === "string") return differentLines(about, expected, String(found.success))
  return Buffer.compare(Buffer.from(found.success), expected) === 0 ? [] : [about]
})
