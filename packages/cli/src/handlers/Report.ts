import { writeAtomically } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { join, relative } from "node:path"
import type { ActionOf } from "../Action.ts"
import { EXIT } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { reporters } from "../Reporters.ts"
import { findRecord } from "./FindRecord.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** Writes one report of the named records. */
export const report = Effect.fn("Report.report")(function* ({ format, json, records: names }: ActionOf<"report">) {
  const fs = yield* FileSystem.FileSystem
  const workspace = yield* openWorkspace
  const records = yield* Effect.forEach(names, (name) => findRecord(workspace, name))
  const reporter = (yield* reporters).find(({ id }) => id === format)!
  const stem = records.length === 1 ? records[0]!.id : `${records[0]!.id}-and-${records.length - 1}-more`
  const path = join(workspace.reports, `${stem}.${reporter.extension}`)
  yield* fs.makeDirectory(workspace.reports, { recursive: true })
  yield* writeAtomically(path, reporter.report(records))
  const shown = relative(process.cwd(), path)
  yield* json ? printJson({ file: shown }) : print(shown)
  return EXIT.done
})
