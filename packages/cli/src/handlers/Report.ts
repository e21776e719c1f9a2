import { Effect } from "effect"
import { relative } from "node:path"
import { EXIT } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { installedMetrics } from "../Plugins.ts"
import { reporter as reporterOf } from "../Reporters.ts"
import { findRecord } from "./FindRecord.ts"
import { openWorkspace } from "./OpenWorkspace.ts"
import { updateRegistry } from "./Registry.ts"
import { writeReport } from "./WriteReport.ts"

/** What `rigbook report` was called with. */
export interface ReportInput {
  readonly records: ReadonlyArray<string>
  /** Id of a reporter. */
  readonly format: string
  readonly json: boolean
}

/** Writes one report of the named records; beside one in markdown, a plot of each record's telemetry. */
export const report = Effect.fn("Report.report")(function* ({ format, json, records: names }: ReportInput) {
  const workspace = yield* openWorkspace
  const records = yield* Effect.forEach(names, (name) => findRecord(workspace, name))
  const reporter = yield* reporterOf(format, "--format: ")
  const written = yield* writeReport(workspace, reporter, records, yield* installedMetrics)
  // The registry links to each record's own report.
  if (reporter.id === "markdown" && records.length === 1) yield* updateRegistry(workspace)
  const [file, ...plots] = written.map((path) => relative(process.cwd(), path))
  yield* json ? printJson({ file, plots }) : print(file!)
  return EXIT.done
})
