import type { CellSpec, Metric, RunLine, RunRecord } from "@rigbook/core"
import { type ConfigIssue, formatIssue, type NamedConfig, readRecords, type Workspace } from "@rigbook/records"
import { type Cell, cellsToRun, LOCAL, plan, type PlannedCell, run as runCells } from "@rigbook/runner"
import { Effect } from "effect"
import { relative } from "node:path"
import { EXIT, usageFailure } from "../Failure.ts"
import { installing } from "../Installing.ts"
import { bestPlacements } from "../output/BestPlacement.ts"
import { count } from "../output/Count.ts"
import { passedOverGpus, unfitCells } from "../output/DeviceUse.ts"
import { totalTime } from "../output/Duration.ts"
import { cellName, headline, verdictWord } from "../output/Figures.ts"
import { print, printAside, printError, printJson, printLine } from "../output/Print.ts"
import { runProgress } from "../output/RunProgress.ts"
import { table } from "../output/Table.ts"
import { hostHere, installedBackends, installedMetrics } from "../Plugins.ts"
import { currentRecord } from "./CurrentRecord.ts"
import { dueCells } from "./DueCells.ts"
import { updateRegistry } from "./Registry.ts"
import { byHost, type FarResult, runOn } from "./RunOn.ts"
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
  /** The host to run on; by default those that configs name. */
  readonly on: string | undefined
  readonly setup: boolean
  /** Prints a line of NDJSON for each thing that happens. */
  readonly events: boolean
  readonly json: boolean
}

/** Measures cells, writes a report of each and renders the registry. Exit code 1 if a cell is invalid or left out. */
export const run = Effect.fn("Run.run")(function* (action: RunInput) {
  if (action.events && action.json)
    return yield* usageFailure("--events and --json both write to standard output: choose one of them.")
  const { configs, workspace } = yield* runTargets(action.configs)
  const metrics = yield* installedMetrics
  const groups = byHost(configs, action.on)
  const specs = new Map<string, CellSpec>()
  const skipped = new Set<string>()
  const passedOver: Array<string> = []
  const expected = new Map<string, PlannedCell["time"]>()
  const progress = runProgress(specs, workspace, metrics, expected)
  const onPlanned = (cells: ReadonlyArray<{ readonly spec: CellSpec }>): void => {
    for (const { spec } of cells) specs.set(spec.identity, spec)
  }
  const onLine = Effect.fnUntraced(function* (line: RunLine) {
    if (line.kind === "reused") skipped.add(line.record)
    const spec = line.kind === "skipped" ? specs.get(line.cell) : undefined
    if (line.kind === "skipped" && spec !== undefined) passedOver.push(`${cellName(spec)}: skipped, ${line.reason}`)
    yield* progress(line)
    if (action.events) yield* printLine(line)
  })
  const input: Measuring = { action, workspace, metrics, expected, onPlanned, onLine }
  // Hosts don't disturb each other: each has its own queue.
  const measure = Effect.fnUntraced(function* (host: string, own: ReadonlyArray<NamedConfig>) {
    const result: FarResult = host === LOCAL ? yield* measureHere(own, input) : yield* measureThere(host, own, input)
    return result
  })
  const results = yield* Effect.forEach(groups, ([host, own]) => measure(host, own), { concurrency: "unbounded" })
  const [records, leftOut, problems] = [
    results.flatMap((result) => result.records),
    results.flatMap((result) => result.leftOut),
    results.flatMap((result) => result.problems),
  ]
  for (const id of results.flatMap(({ reused }) => reused)) skipped.add(id)
  for (const problem of problems) {
    printAside(problem)
    if (action.events) yield* printError(problem)
  }
  yield* writeOwnReports(workspace, records, ({ id }) => !skipped.has(id), metrics)
  const { files } = yield* updateRegistry(workspace)
  const isWell =
    leftOut.length === 0 && problems.length === 0 && records.every(({ verdict }) => verdict.status !== "invalid")
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

/** What all hosts of a run have in common. */
interface Measuring {
  readonly action: RunInput
  readonly workspace: Workspace
  readonly metrics: ReadonlyArray<Metric>
  /** How long a cell takes, by its identity. */
  readonly expected: Map<string, PlannedCell["time"]>
  readonly onPlanned: (cells: ReadonlyArray<{ readonly spec: CellSpec }>) => void
  readonly onLine: (line: RunLine) => Effect.Effect<void>
}

/** Measures configs on this machine, in this process. */
const measureHere = Effect.fnUntraced(function* (
  configs: ReadonlyArray<NamedConfig>,
  { action, expected, metrics, onLine, onPlanned, workspace }: Measuring,
) {
  const backends = yield* installedBackends
  const { records: earlier } = yield* readRecords(workspace.raw)
  const planned = yield* plan(workspace, configs, action.setup ? installing(backends) : backends, yield* hostHere, {
    records: earlier,
  })
  const { cells, leftOut } = yield* Effect.fromResult(dueCells(planned, action.keepGoing))
  yield* Effect.forEach(leftOut, (issue) => Effect.sync(() => printAside(formatIssue(issue))))
  for (const sentence of [...passedOverGpus(cells), ...unfitCells(cells)]) printAside(sentence)
  const chosen = yield* filtered(cellsToRun(cells), action.filter)
  onPlanned(chosen)
  for (const { cell, time } of cells) if ("value" in cell) expected.set(cell.value.spec.identity, time)
  if (action.events) yield* Effect.forEach(leftOut, (issue) => printError(formatIssue(issue)))
  const { fresh, rounds } = action
  const due = chosen.filter(({ spec }) => fresh || currentRecord(earlier, spec) === undefined)
  if (due.length > 0)
    printAside(
      `${count(due.length, "cell")} to measure: ${totalTime(due.map(({ spec }) => expected.get(spec.identity)!))}.`,
    )
  const records = yield* runCells(chosen, { workspace, fresh, rounds, metrics, onLine })
  return { records, reused: [], leftOut, problems: [] } satisfies FarResult as FarResult
})

/** Measures configs on another host, and brings the records here. */
const measureThere = Effect.fnUntraced(function* (
  host: string,
  configs: ReadonlyArray<NamedConfig>,
  { action, onLine, onPlanned, workspace }: Measuring,
) {
  const { filter, fresh, keepGoing, rounds } = action
  const result = yield* runOn({
    host,
    workspace,
    configs,
    fresh,
    rounds,
    keepGoing,
    onPlanned,
    onLine,
    choose: (cells) => filtered(cells, filter),
  })
  for (const issue of result.leftOut) {
    printAside(formatIssue(issue))
    if (action.events) yield* printError(formatIssue(issue))
  }
  return result
})

const filtered = <R>(cells: ReadonlyArray<Cell<R>>, filter: string | undefined) => {
  const words = filter?.split(",") ?? [""]
  const chosen = cells.filter(({ spec }) => words.some((word) => cellName(spec).includes(word)))
  return chosen.length > 0 || filter === undefined
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
