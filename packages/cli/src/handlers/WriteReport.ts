import {
  type FileContent,
  FILE_LIMITS,
  type Metric,
  readText,
  readTextIfAny,
  type Reporter,
  type RunRecord,
  type UnreadableFile,
} from "@rigbook/core"
import {
  differentLines,
  type Finding,
  folderOf,
  METRICS,
  readTelemetry,
  type Workspace,
  writeAtomically,
} from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { extname, join, relative } from "node:path"
import { printAside } from "../output/Print.ts"
import { ownReporters } from "../Reporters.ts"

/** A report as a file, and the plots beside it. The report comes first. */
type ReportFiles = readonly [ReportFile, ...ReadonlyArray<ReportFile>]
interface ReportFile {
  readonly path: string
  readonly content: FileContent
}

/** A plugin's reporter writes beside ours, never over them. */
const endingOf = ({ extension, id }: Reporter<FileContent>): string =>
  id === "markdown" || id === extension ? extension : `${id}.${extension}`

/** The files of a report on records: beside one in markdown, a plot of each record's telemetry. */
const renderReport = Effect.fnUntraced(function* (
  workspace: Workspace,
  reporter: Reporter<FileContent>,
  records: ReadonlyArray<RunRecord>,
  metrics: ReadonlyArray<Metric>,
) {
  const [first] = records
  const stem = records.length === 1 ? first!.id : `${first!.id}-and-${records.length - 1}-more`
  const plots = reporter.id === "markdown" ? yield* drawPlots(workspace, records) : []
  const names = new Map(plots.map(({ name, record }) => [record, name]))
  const files: ReportFiles = [
    {
      path: join(workspace.reports, `${stem}.${endingOf(reporter)}`),
      content: reporter.report(records, names, metrics),
    },
    ...plots.map(({ name, svg }) => ({ path: join(workspace.reports, name), content: svg })),
  ]
  return files
})

/** Draws each record's telemetry, if it has any. */
const drawPlots = Effect.fnUntraced(function* (workspace: Workspace, records: ReadonlyArray<RunRecord>) {
  const { telemetrySvg } = yield* Effect.promise(() => import("@rigbook/reporters"))
  const plots: Array<{ readonly record: string; readonly name: string; readonly svg: string }> = []
  for (const record of records) {
    const telemetry = yield* readTelemetry(folderOf(workspace, record))
    const svg = yield* Effect.promise(() => telemetrySvg(record, telemetry))
    if (svg !== undefined) plots.push({ record: record.id, name: `${record.id}.telemetry.svg`, svg })
  }
  return plots
})

/** Writes one report of the records, with its plots; their paths, the report's first. */
export const writeReport = Effect.fn("WriteReport.writeReport")(function* (
  workspace: Workspace,
  reporter: Reporter<FileContent>,
  records: ReadonlyArray<RunRecord>,
  metrics: ReadonlyArray<Metric> = METRICS,
) {
  const fs = yield* FileSystem.FileSystem
  const files = yield* renderReport(workspace, reporter, records, metrics)
  yield* fs.makeDirectory(workspace.reports, { recursive: true })
  yield* Effect.forEach(files, ({ content, path }) => writeAtomically(path, content), { discard: true })
  return files.map(({ path }) => path)
})

/** Writes a report of each record that is new, or has none. */
export const writeOwnReports = Effect.fn("WriteReport.writeOwnReports")(function* (
  workspace: Workspace,
  records: ReadonlyArray<RunRecord>,
  fresh: (record: RunRecord) => boolean,
  metrics: ReadonlyArray<Metric> = METRICS,
) {
  const fs = yield* FileSystem.FileSystem
  const reporter = (yield* ownReporters).find(({ id }) => id === "markdown")!
  for (const record of records)
    if (fresh(record) || !(yield* fs.exists(join(workspace.reports, `${record.id}.${reporter.extension}`))))
      yield* writeReport(workspace, reporter, [record], metrics)
})

/** An existing report, with the records that it names. */
interface ReportThere {
  readonly path: string
  readonly text: string
  readonly reporter: Reporter
  readonly ids: ReadonlyArray<string> | undefined
}

/** Does something with each existing report, one by one. */
const eachReport = Effect.fnUntraced(function* <E, R>(
  { reports }: Workspace,
  known: ReadonlyMap<string, RunRecord>,
  act: (there: ReportThere) => Effect.Effect<void, E, R>,
  unread: (path: string, why: UnreadableFile) => void,
) {
  const fs = yield* FileSystem.FileSystem
  const all = yield* ownReporters
  const names = (yield* fs.exists(reports)) ? (yield* fs.readDirectory(reports)).toSorted() : []
  for (const name of names) {
    const reporter = all.find(({ extension }) => `.${extension}` === extname(name))
    if (reporter === undefined) continue // a plot goes with its report
    const path = join(reports, name)
    const text = yield* Effect.result(readText(path, FILE_LIMITS.generated))
    const stem = name.slice(0, -extname(name).length)
    if (text._tag === "Failure") unread(path, text.failure)
    else yield* act({ path, text: text.success, reporter, ids: known.has(stem) ? [stem] : named(text.success) })
  }
})

/** Rewrites each report that shows a changed record, if all of its records exist. */
export const updateReports = Effect.fn("WriteReport.updateReports")(function* (
  workspace: Workspace,
  records: ReadonlyArray<RunRecord>,
  changed: ReadonlySet<string>,
  metrics: ReadonlyArray<Metric>,
) {
  const known = new Map(records.map((record) => [record.id, record]))
  const update = ({ ids = [], reporter }: ReportThere) => {
    const its = ids.flatMap((id) => known.get(id) ?? [])
    const isOutdated = its.length === ids.length && ids.some((id) => changed.has(id))
    return isOutdated ? Effect.asVoid(writeReport(workspace, reporter, its, metrics)) : Effect.void
  }
  yield* eachReport(workspace, known, update, (_, { message }) => printAside(message))
})

/** Generates every report again from the records it names, and compares: differences, and what could not be checked. */
export const verifyReports = Effect.fn("WriteReport.verifyReports")(function* (
  workspace: Workspace,
  records: ReadonlyArray<RunRecord>,
  metrics: ReadonlyArray<Metric> = METRICS,
) {
  const findings: Array<Finding> = []
  const unchecked: Array<string> = []
  const known = new Map(records.map((record) => [record.id, record]))
  const look = Effect.fnUntraced(function* ({ ids, path, reporter, text }: ReportThere) {
    const file = relative(workspace.root, path)
    if (ids === undefined) {
      unchecked.push(`${file} does not name its records`)
      return
    }
    const missing = ids.filter((id) => !known.has(id))
    if (missing.length > 0) {
      findings.push({ file, detail: `a record of this report is missing: ${missing.join(", ")}` })
      return
    }
    const files = yield* renderReport(
      workspace,
      reporter,
      ids.map((id) => known.get(id)!),
      metrics,
    )
    for (const { content: expected, path: wanted } of files) {
      if (typeof expected !== "string") continue // reports of ours are text
      const shown = relative(workspace.root, wanted)
      const found = wanted === path ? text : yield* readTextIfAny(wanted, FILE_LIMITS.generated)
      if (found === undefined) findings.push({ file: shown, detail: "this plot of a report is missing" })
      else findings.push(...differentLines({ file: shown, detail: NOT_DERIVED }, expected, found))
    }
  })
  yield* eachReport(workspace, known, look, (path, { detail }) => {
    findings.push({ file: relative(workspace.root, path), detail: `this file ${detail}` })
  })
  return { findings, unchecked }
})

const NOT_DERIVED = "differs from the records; to write it again: rigbook report"

/** The records that a report in markdown names in its first line. */
const named = (text: string): ReadonlyArray<string> | undefined =>
  /^<!-- Generated, don't edit: run `rigbook report ([^`\n]+)`\. -->\n/
    .exec(text)?.[1]
    ?.split(" ")
    .map(decodeURIComponent)
