import { FILE_LIMITS, readTextIfAny, WORKSPACE_FILE } from "@rigbook/core"
import { published, readRecords, shareRecords, type Workspace, workspaceAt, writeAtomically } from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { dirname, join, relative, resolve } from "node:path"
import { EXIT, usageFailure } from "../Failure.ts"
import { count } from "../output/Count.ts"
import { print, printAside, printJson } from "../output/Print.ts"
import { installedMetrics } from "../Plugins.ts"
import { privateNames } from "../sharing/PrivateNames.ts"
import { openWorkspace } from "./OpenWorkspace.ts"
import { updateRegistry } from "./Registry.ts"
import { writeOwnReports } from "./WriteReport.ts"

/** What `rigbook push` was called with. */
export interface PushInput {
  readonly folder: string
  /** Further words to mask, with commas. */
  readonly mask: string | undefined
  readonly json: boolean
}

/** By this line a folder is known that may be written again. */
const MARK = "# Written by `rigbook push`, to be published: what is changed here is overwritten."

/** Bytes that hashes cover: git must not change the ends of their lines. */
const ATTRIBUTES = "*.json -text\n*.jsonl -text\n*.log -text\n*.ndjson -text\n"

/**
 * Writes this workspace's own records, with reports and a registry, into a folder that can be published: without names of
 * machines and users, paths, addresses and tokens. Exit code 1 if a record was left out.
 */
export const push = Effect.fn("Push.push")(function* ({ folder, json, mask }: PushInput) {
  const fs = yield* FileSystem.FileSystem
  const workspace = yield* openWorkspace
  const target = workspaceAt(resolve(folder), { rigbook: 1 })
  yield* checkTarget(target, folder)
  const names = yield* privateNames(mask?.split(",").map((word) => word.trim()) ?? [])
  const metrics = yield* installedMetrics
  yield* fs.makeDirectory(target.root, { recursive: true })
  yield* writeAtomically(join(target.root, WORKSPACE_FILE), `${MARK}\nrigbook: 1\n`)
  yield* writeAtomically(join(target.root, ".gitattributes"), ATTRIBUTES)
  yield* shareRules(workspace, target, names)
  const shared = yield* shareRecords(workspace, target, { metrics, names })
  // Reports of records that were masked again, or are gone, must not stay.
  yield* fs.remove(target.reports, { recursive: true, force: true })
  const { records } = yield* readRecords(target.raw)
  yield* writeOwnReports(target, records, () => true, metrics)
  const { failed } = yield* updateRegistry(target)
  const shown = relative(process.cwd(), target.root) || "."
  yield* json
    ? printJson({ folder: shown, ...shared })
    : print(
        [
          `${shown}: ${count(shared.records.length, "record")} with reports and registry, names masked in ${shared.masked.length}.`,
          ...shared.leftOut.flatMap(({ findings, record }) => [
            `left out: ${record}`,
            ...findings.slice(0, SHOWN).map((finding) => `  ${finding.split("\n").join("\n  ")}`),
          ]),
          `Look through it before you publish it. Others take it with: rigbook pull <folder or repository>`,
        ].join("\n"),
      )
  return shared.leftOut.length + failed.length === 0 ? EXIT.done : EXIT.failed
})

/** Findings of one record that are shown; `--json` has all. */
const SHOWN = 5

/** Only what a push has written is overwritten. */
const checkTarget = Effect.fnUntraced(function* ({ raw, root }: Workspace, folder: string) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* readTextIfAny(join(root, WORKSPACE_FILE), FILE_LIMITS.config)
  if (text?.startsWith(MARK) === true) return
  if (text !== undefined || (yield* fs.exists(raw)))
    return yield* usageFailure(
      `${folder} is a workspace of its own: push into a new folder, or one that was pushed to.`,
    )
})

/** The rules for stars, as the registry here has them, unless they name somebody: then those of an earlier push go, too. */
const shareRules = Effect.fnUntraced(function* (from: Workspace, to: Workspace, names: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const rules = yield* readTextIfAny(from.rating, FILE_LIMITS.config)
  if (rules === undefined || published(rules, names, false) !== rules) {
    if (rules !== undefined) printAside("models/rating.yaml is left out: a name, path or address is in it.")
    return yield* fs.remove(to.rating, { force: true })
  }
  yield* fs.makeDirectory(dirname(to.rating), { recursive: true })
  yield* writeAtomically(to.rating, rules)
})
