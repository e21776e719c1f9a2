import {
  checkRegistry,
  type Finding,
  findingText,
  importFolders,
  recordFolders,
  renderRegistry,
  report,
  verifyImport,
  verifyRecord,
  type Workspace,
} from "@rigbook/core"
import { Effect } from "effect"
import { basename } from "node:path"
import type { ActionOf } from "../Action.ts"
import { EXIT, usageFailure } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { installedMetrics, withRatingRules } from "../Plugins.ts"
import { registryReporters } from "../Reporters.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** Checks records against their samples, and without names the registry too. Exit code 1 for a finding. */
export const verify = Effect.fn("Verify.verify")(function* ({ json, records: words }: ActionOf<"verify">) {
  const workspace = yield* openWorkspace
  const folders = yield* chosenFolders(workspace, words)
  const metrics = yield* installedMetrics
  const verified = yield* Effect.forEach(folders, (folder, done) =>
    Effect.andThen(
      report({ step: "verify", detail: basename(folder), done, total: folders.length }),
      verifyRecord(workspace, folder, metrics),
    ),
  )
  const findings = [
    ...verified.flatMap((one) => one.findings),
    ...(words.length === 0 ? [...(yield* importFindings(workspace)), ...(yield* registryFindings(workspace))] : []),
  ]
  const unchecked = verified.flatMap((one) => one.unchecked)
  yield* report({ step: "verify", detail: `${count(folders.length, "record")} looked at`, finished: true })
  if (json) yield* printJson({ records: folders.map((folder) => basename(folder)), findings, unchecked })
  else
    yield* print(
      [
        ...findings.map(findingText),
        ...unchecked.map((what) => `not checked: ${what}`),
        findings.length === 0
          ? `${count(folders.length, "record")}: every figure is what the samples give.`
          : `${count(findings.length, "finding")} in ${count(folders.length, "record")}.`,
      ].join("\n"),
    )
  return findings.length === 0 ? EXIT.done : EXIT.failed
})

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`

const chosenFolders = Effect.fnUntraced(function* ({ raw }: Workspace, words: ReadonlyArray<string>) {
  const folders = yield* recordFolders(raw)
  const unknown = words.find((word) => !folders.some((folder) => basename(folder).includes(word)))
  if (unknown !== undefined)
    return yield* usageFailure(`No record's id contains "${unknown}". List them with: rigbook runs`)
  return words.length === 0
    ? folders
    : folders.filter((folder) => words.some((word) => basename(folder).includes(word)))
})

const importFindings = Effect.fnUntraced(function* ({ imported, root }: Workspace) {
  const findings = yield* Effect.forEach(yield* importFolders(imported), (folder) => verifyImport(root, folder))
  return findings.flat()
})

const registryFindings = Effect.fnUntraced(function* (workspace: Workspace) {
  const { files } = yield* renderRegistry(yield* withRatingRules(workspace), yield* registryReporters(workspace))
  const differences = yield* checkRegistry(workspace, files)
  return differences.map(({ expected, found, line, path }): Finding => ({
    file: path,
    line,
    detail: "not what the records say",
    ...(expected === undefined ? {} : { expected }),
    ...(found === undefined ? {} : { found }),
  }))
})
