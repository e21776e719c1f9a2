import { type Metric, report, FILE_LIMITS, readText } from "@rigbook/core"
import {
  differentLines,
  type Finding,
  findingText,
  readRecords,
  type Staleness,
  verifyRecord,
  type Workspace,
} from "@rigbook/records"
import { importFolders, verifyImport } from "@rigbook/registry"
import { Effect } from "effect"
import { basename, relative } from "node:path"
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
  const findings = [...verified.flatMap((one) => one.findings), ...rest.findings]
  const unchecked = [...verified.flatMap((one) => one.unchecked), ...rest.unchecked]
  yield* report({ step: "verify", detail: `${count(folders.length, "record")} checked`, finished: true })
  const stale = verified.flatMap(({ staleness: why }, at) =>
    why === undefined ? [] : [{ record: basename(folders[at]!), why }],
  )
  if (json) yield* printJson({ records: folders.map((folder) => basename(folder)), findings, unchecked, stale })
  else
    yield* print(
      [
        ...findings.map(findingText),
        ...unchecked.map((what) => `not checked: ${what}`),
        ...staleLines(stale.map(({ why }) => why)),
        findings.length === 0
          ? `${count(folders.length, "record")}: every figure agrees with the samples.`
          : `${count(findings.length, "finding")} in ${count(folders.length, "record")}.`,
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

/** What is generated from all records (reports, the registry), and imports. */
const verifyRest = Effect.fnUntraced(function* (workspace: Workspace, metrics: ReadonlyArray<Metric>) {
  const { records } = yield* readRecords(workspace.raw)
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
  const { files, issues } = yield* renderWith(workspace)
  const different = yield* Effect.forEach(files, ({ path, text }) =>
    Effect.map(Effect.result(readText(path, FILE_LIMITS.generated)), (found): ReadonlyArray<Finding> => {
      const file = relative(workspace.root, path)
      if (found._tag === "Success")
        return differentLines({ file, detail: "differs from the records" }, text(), found.success)
      const { detail, missing } = found.failure
      return [{ file, detail: missing ? "this file of the registry is missing" : `this file ${detail}` }]
    }),
  )
  return [...issues.map(({ file, line, message }): Finding => ({ file, line, detail: message })), ...different.flat()]
})
