import { readTelemetry, type RunRecord, type Workspace, writeAtomically } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { join, relative } from "node:path"
import type { ActionOf } from "../Action.ts"
import { EXIT } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { reporter as reporterOf } from "../Reporters.ts"
import { findRecord } from "./FindRecord.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** Writes one report of the named records; beside one in markdown, a plot of each record's telemetry. */
export const report = Effect.fn("Report.report")(function* ({ format, json, records: names }: ActionOf<"report">) {
  const fs = yield* FileSystem.FileSystem
  const workspace = yield* openWorkspace
  const records = yield* Effect.forEach(names, (name) => findRecord(workspace, name))
  const reporter = yield* reporterOf(format, "--format: ")
  const stem = records.length === 1 ? records[0]!.id : `${records[0]!.id}-and-${records.length - 1}-more`
  const path = join(workspace.reports, `${stem}.${reporter.extension}`)
  yield* fs.makeDirectory(workspace.reports, { recursive: true })
  const plots = format === "markdown" ? yield* writePlots(workspace, records) : new Map<string, string>()
  yield* writeAtomically(path, reporter.report(records, plots))
  const shown = relative(process.cwd(), path)
  const shownPlots = [...plots.values()].map((name) => relative(process.cwd(), join(workspace.reports, name)))
  yield* json ? printJson({ file: shown, plots: shownPlots }) : print(shown)
  return EXIT.done
})

/** Draws each record's telemetry into a file of its own: their names, by record. */
const writePlots = Effect.fnUntraced(function* (workspace: Workspace, records: ReadonlyArray<RunRecord>) {
  const { telemetrySvg } = yield* Effect.promise(() => import("@rigbook/reporters"))
  const plots = new Map<string, string>()
  for (const record of records) {
    const telemetry = yield* readTelemetry(join(workspace.raw, record.id))
    const svg = yield* Effect.promise(() => telemetrySvg(record, telemetry))
    if (svg === undefined) continue
    const name = `${record.id}.telemetry.svg`
    yield* writeAtomically(join(workspace.reports, name), svg)
    plots.set(record.id, name)
  }
  return plots
})
