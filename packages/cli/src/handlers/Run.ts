import type { Metric, RunLine, RunRecord } from "@rigbook/core"
import { type ConfigIssue, formatIssue, readRecords } from "@rigbook/records"
import { captureHost, type Cell, cellsToRun, plan, run as runCells } from "@rigbook/runner"
import { Effect } from "effect"
import { relative } from "node:path"
import { EXIT, usageFailure } from "../Failure.ts"
import { installing } from "../Installing.ts"
import { bestPlacements } from "../output/BestPlacement.ts"
import { passedOverGpus } from "../output/DeviceUse.ts"
import { cellName, headline, verdictWord } from "../output/Figures.ts"
import { print, printAside, printError, printJson, printLine } from "../output/Print.ts"
import { runProgress } from "../output/RunProgress.ts"
import { table } from "../output/Table.ts"
import { installedBackends, installedMetrics } from "../Plugins.ts"
import { dueCells } from "./DueCells.ts"
import { updateRegistry } from "./Registry.ts"
import { runTargets } from "./RunTargets.ts"
import { writeOwnReports } from "./WriteReport.ts"

/** What `rigbook run` was called with. */
export interface RunInput {
  readonly configs: ReadonlyArray<string>
  readonly filter: string | undefined
  readonly fresh: boolean
  /** Leaves out invalid configs and measures the others. */
  readonly keepGoing: boolean
  readonly rounds: number
  readonly setup: boolean
  /** Prints a line of NDJSON for each thing that happens. */
  readonly events: boolean
  readonly json: boolean
}

/** Measures cells, writes a report of each and renders the registry. Exit code 1 if a cell is invalid or left out. */
export const run = Effect.fn("Run.run")(function* (action: RunInput) {
  if (action.events && action.json)
    return yield* usageFailure("--events and --json both write to standard output: choose one of them.")
  const { paths, workspace } = yield* runTargets(action.configs)
  const backends = yield* installedBackends
  const metrics = yield* installedMetrics
  const planned = yield* plan(workspace, paths, action.setup ? installing(backends) : backends, yield* captureHost, {
    records: (yield* readRecords(workspace.raw)).records,
  })
  const { cells, leftOut } = yield* Effect.fromResult(dueCells(planned, action.keepGoing))
  yield* Effect.forEach(leftOut, (issue) => Effect.sync(() => printAside(formatIssue(issue))))
  for (const sentence of passedOverGpus(cells)) printAside(sentence)
  const chosen = yield* filtered(cellsToRun(cells), action.filter)
  const specs = new Map(chosen.map(({ spec }) => [spec.identity, spec]))
  const skipped = new Set<string>()
  const passedOver: Array<string> = []
  const note = (line: RunLine): void => {
    if (line.kind === "reused") skipped.add(line.record)
    if (line.kind === "skipped") passedOver.push(`${cellName(specs.get(line.cell)!)}: skipped, ${line.reason}`)
  }
  const progress = runProgress(specs, workspace, metrics)
  if (action.events) yield* Effect.forEach(leftOut, (issue) => printError(formatIssue(issue)))
  const records = yield* runCells(chosen, {
    workspace,
    fresh: action.fresh,
    rounds: action.rounds,
    metrics,
    onLine: Effect.fnUntraced(function* (line) {
      note(line)
      yield* progress(line)
      if (action.events) yield* printLine(line)
    }),
  })
  yield* writeOwnReports(workspace, records, ({ id }) => !skipped.has(id), metrics)
  const { files } = yield* updateRegistry(workspace)
  const isWell = leftOut.length === 0 && records.every(({ verdict }) => verdict.status !== "invalid")
  if (action.events) return isWell ? EXIT.done : EXIT.failed
  yield* action.json
    ? printJson([...records.map((record) => summary(record, skipped.has(record.id))), ...leftOut.map(notMeasured)])
    : print(
        [
          table(
            ["", "cell", "figures", "verdict"],
            records.map((record) => row(record, skipped.has(record.id), metrics)),
          ),
          ...passedOver,
          ...leftOut.map((issue) => `not measured: ${formatIssue(issue)}`),
          ...bestPlacements(records),
          "",
          `The registry: ${files.map(({ path }) => relative(process.cwd(), path)).join(", ")}`,
        ].join("\n"),
      )
  return isWell ? EXIT.done : EXIT.failed
})

const filtered = <R>(cells: ReadonlyArray<Cell<R>>, filter: string | undefined) => {
  const words = filter?.split(",") ?? [""]
  const chosen = cells.filter(({ spec }) => words.some((word) => cellName(spec).includes(word)))
  return chosen.length > 0
    ? Effect.succeed(chosen)
    : Effect.fail(
        usageFailure(
          `No cell's name contains "${filter}". The cells are:\n${cells.map(({ spec }) => `  ${cellName(spec)}`).join("\n")}`,
        ),
      )
}

const row = (record: RunRecord, skipped: boolean, metrics: ReadonlyArray<Metric>): ReadonlyArray<string> => [
  skipped ? "reused" : "measured",
  cellName(record.cell),
  headline(record, metrics),
  verdictWord(record.verdict),
]

/** What could not be measured has no record, or one that only says so. */
const notMeasured = (issue: ConfigIssue) => ({ record: null, status: "not measured", issue })

const summary = (record: RunRecord, skipped: boolean) => ({
  record: record.id,
  cell: cellName(record.cell),
  status: skipped ? "kept" : "measured",
  verdict: record.verdict,
  values: Object.fromEntries(
    record.values.map(({ metric, result, unit }) => [
      metric,
      "summary" in result ? { unit, ...result.summary } : { unit, absent: result.absent },
    ]),
  ),
})
