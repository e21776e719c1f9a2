import { report } from "@rigbook/core"
import { readAllRecords, rederive, type Rederived, runLock, type Workspace } from "@rigbook/records"
import { importFolders } from "@rigbook/registry"
import { Effect } from "effect"
import { basename, join, relative } from "node:path"
import { EXIT } from "../Failure.ts"
import { count } from "../output/Count.ts"
import { changeLines } from "../output/RecordChange.ts"
import { print, printJson } from "../output/Print.ts"
import { installedMetrics } from "../Plugins.ts"
import { chosenFolders } from "./ChosenFolders.ts"
import { openWorkspace } from "./OpenWorkspace.ts"
import { updateRegistry } from "./Registry.ts"
import { updateReports } from "./WriteReport.ts"

/** What `rigbook derive` was called with. */
export interface DeriveInput {
  readonly records: ReadonlyArray<string>
  /** Writes nothing. */
  readonly check: boolean
  readonly json: boolean
}

type Derived = Rederived & { readonly id: string }

/**
 * Derives records from their samples again with the current metrics and rules: those that are stale, or those named.
 * Then updates reports and the registry. Exit code 1 if one can't be derived, and with `check` if one is stale.
 */
export const derive = Effect.fn("Derive.derive")(function* ({ check, json, records: words }: DeriveInput) {
  const workspace = yield* openWorkspace
  const folders = yield* chosenFolders(workspace, words)
  const metrics = yield* installedMetrics
  // A run in progress writes records and the registry, too.
  if (!check) yield* runLock(join(workspace.raw, ".."))
  const all = yield* Effect.forEach(folders, (folder, done) =>
    Effect.andThen(
      report({ step: "derive", detail: basename(folder), done, total: folders.length }),
      rederive(folder, { metrics, named: words.length > 0, write: !check }).pipe(
        Effect.catchTag("UnreadableFile", ({ message }) =>
          Effect.succeed<Rederived>({ status: "failed", reason: message }),
        ),
        Effect.map((one): Derived => ({ ...one, id: basename(folder) })),
      ),
    ),
  )
  yield* report({ step: "derive", detail: `${count(folders.length, "record")} checked`, finished: true })
  const files = check ? [] : yield* updateShown(workspace, all)
  const imports = (yield* importFolders(workspace.imported)).length
  yield* json ? printJson({ records: all.map(jsonOf), imports, files }) : print(page(all, { check, files, imports }))
  return all.some(({ status }) => status === "failed" || (check && status === "derived")) ? EXIT.failed : EXIT.done
}, Effect.scoped)

/** Reports of records that were derived again, and the registry. */
const updateShown = Effect.fnUntraced(function* (workspace: Workspace, all: ReadonlyArray<Derived>) {
  const changed = new Set(all.flatMap(({ id, status }) => (status === "derived" ? [id] : [])))
  if (changed.size > 0)
    yield* updateReports(workspace, (yield* readAllRecords(workspace)).records, changed, yield* installedMetrics)
  return (yield* updateRegistry(workspace)).files.map(({ path }) => relative(process.cwd(), path))
})

const jsonOf = (one: Derived) => {
  const { id, status } = one
  if (one.status === "derived") return { record: id, status, why: one.why, ...one.changes }
  return { record: id, status, ...("reason" in one ? { reason: one.reason } : {}) }
}

interface Shown {
  readonly check: boolean
  readonly files: ReadonlyArray<string>
  readonly imports: number
}

const page = (all: ReadonlyArray<Derived>, { check, files, imports }: Shown): string => {
  const word = check ? "to derive again" : "derived again"
  const number = (status: Derived["status"]) => all.filter((one) => one.status === status).length
  const totals = [
    `${number("derived")} ${word}`,
    `${number("current")} up to date`,
    ...(["left", "failed"] as const).flatMap((status) =>
      number(status) === 0 ? [] : [`${number(status)} ${status === "left" ? "left unchanged" : "failed"}`],
    ),
  ]
  return [
    ...all.flatMap((one) => lines(one, word)),
    `${count(all.length, "record")}: ${totals.join(", ")}.`,
    ...(imports === 0
      ? []
      : [`Not derived: ${count(imports, "import")} of other tools' results, which have no samples.`]),
    ...(files.length === 0 ? [] : [`The registry: ${files.join(", ")}`]),
  ].join("\n")
}

const WHY = {
  "older rules": "it was derived with older rules",
  "other metrics": "it was derived with other metrics",
  named: "as requested",
  "no record": "its record was missing",
  unreadable: "its record could not be read",
} as const

const lines = (one: Derived, word: string): ReadonlyArray<string> => {
  switch (one.status) {
    case "current":
      return []
    case "derived":
      return [`${one.id}: ${word}, ${WHY[one.why]}`, ...(one.changes === undefined ? [] : changeLines(one.changes))]
    case "left":
      return [`${one.id}: left unchanged: ${one.reason}`]
    case "failed":
      return [`${one.id}: failed: ${one.reason}`]
  }
}
