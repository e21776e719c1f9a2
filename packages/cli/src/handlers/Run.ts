import { bounds, type Metric, report, type RunRecord } from "@rigbook/core"
import { type ConfigIssue, formatIssue, readRecords } from "@rigbook/records"
import { captureHost, type Cell, cellsToRun, plan, run as runCells, type RunEvent } from "@rigbook/runner"
import { Effect } from "effect"
import { relative } from "node:path"
import type { ActionOf } from "../Action.ts"
import { EXIT, usageFailure } from "../Failure.ts"
import { installing } from "../Installing.ts"
import { bestPlacements } from "../output/BestPlacement.ts"
import { cellName, headline, verdictWord } from "../output/Figures.ts"
import { print, printJson } from "../output/Print.ts"
import { table } from "../output/Table.ts"
import { installedBackends, installedMetrics } from "../Plugins.ts"
import { dueCells } from "./DueCells.ts"
import { dueConfigs, openWorkspace } from "./OpenWorkspace.ts"
import { updateRegistry } from "./Registry.ts"
import { writeOwnReports } from "./WriteReport.ts"

/** Measures cells, writes a report of each and renders the registry. Exit code 1 if a cell is invalid or left out. */
export const run = Effect.fn("Run.run")(function* (action: ActionOf<"run">) {
  const workspace = yield* openWorkspace
  const paths = yield* dueConfigs(workspace, action.configs)
  const backends = yield* installedBackends
  const metrics = yield* installedMetrics
  const planned = yield* plan(workspace, paths, action.setup ? installing(backends) : backends, yield* captureHost, {
    records: (yield* readRecords(workspace.raw)).records,
  })
  const { cells, leftOut } = yield* Effect.fromResult(dueCells(planned, action.keepGoing))
  yield* Effect.forEach(leftOut, (issue) => Effect.sync(() => process.stderr.write(`${formatIssue(issue)}\n`)))
  const chosen = yield* filtered(cellsToRun(cells), action.filter)
  const skipped = new Set<string>()
  const passedOver: Array<string> = []
  const records = yield* runCells(chosen, {
    workspace,
    fresh: action.fresh,
    rounds: action.rounds,
    metrics,
    onEvent: (event) => {
      if (event._tag === "Skipped") skipped.add(event.record.id)
      if (event._tag === "PassedOver") passedOver.push(`${cellName(event.cell.spec)}: skipped, ${event.reason}`)
      return tell(event, metrics)
    },
  })
  yield* writeOwnReports(workspace, records, ({ id }) => !skipped.has(id), metrics)
  const files = yield* updateRegistry(workspace)
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
  const isWell = leftOut.length === 0 && records.every(({ verdict }) => verdict.status !== "invalid")
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
  skipped ? "kept" : "measured",
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

/** One progress line per cell. */
const tell = <R>(event: RunEvent<R>, metrics: ReadonlyArray<Metric>): Effect.Effect<void> => {
  const step = cellName(event.cell.spec)
  const { protocol } = event.cell.spec
  const total = bounds(protocol.warmup).max + bounds(protocol.trials).max
  switch (event._tag) {
    case "Skipped":
      return report({
        step,
        detail: `reused: its record of ${event.record.startedAt.slice(0, 10)} is ${event.record.verdict.status} (--fresh measures again)`,
        finished: true,
      })
    case "PassedOver":
      return report({ step, detail: `skipped: ${event.reason}`, finished: true })
    case "Started":
      return report({
        step,
        detail: event.kept === 0 ? "loading the model" : `resuming after ${event.kept} trials`,
        done: event.kept,
        total,
      })
    case "Cooling": {
      const { device, temperatureC, untilC } = event.hot
      return report({
        step,
        detail: `waiting until ${device} cools from ${temperatureC} to ${untilC} °C`,
        done: 0,
        total,
      })
    }
    case "Opened":
      return report({ step, detail: `loaded in ${(event.loadMs / 1000).toFixed(1)} s`, done: 0, total })
    case "Asking":
      return report({ step, detail: `sending ${event.requests} requests whose answers are stored`, done: 0, total })
    case "Trial": {
      const { phase, trial } = event.sample
      const asked = phase === "warmup" ? protocol.warmup : protocol.trials
      const of = `${typeof asked === "number" ? "" : "at most "}${bounds(asked).max}`
      const detail = `${phase === "warmup" ? "warm-up" : "trial"} ${trial + 1} of ${of}`
      return report({ step, detail, done: event.done, total: event.total })
    }
    case "Finished":
      return report({ step, detail: `${verdictLine(event.record, metrics)}`, finished: true })
  }
}

const verdictLine = (record: RunRecord, metrics: ReadonlyArray<Metric>): string =>
  record.failure === undefined
    ? `${verdictWord(record.verdict)}: ${headline(record, metrics)}`
    : `${verdictWord(record.verdict)}: ${record.failure.reason.detail}`
