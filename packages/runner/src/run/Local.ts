import { type BackendError, type CellOrder, LaunchError, type Metric, type RunLine } from "@rigbook/core"
import { diskProblem } from "@rigbook/core/engine"
import { type leftRuns, readJournal, type Workspace } from "@rigbook/records"
import { Effect, Scope } from "effect"
import { join } from "node:path"
import type { Cell } from "../plan/Cell.ts"
import { temperatures } from "../telemetry/CoolDown.ts"
import { DeviceSources, readDevices } from "../vendors/DeviceSources.ts"
import { badFiles } from "./BadFiles.ts"
import { recordFailure } from "./Begin.ts"
import { outcomeOf, withTime } from "./Lines.ts"
import { runCell, type Surroundings } from "./RunCell.ts"

/** Options of `localLauncher`. */
export interface LocalOptions {
  readonly workspace: Workspace
  readonly metrics: ReadonlyArray<Metric>
  /** Interrupted runs of the workspace. */
  readonly left: Effect.Success<ReturnType<typeof leftRuns>>
}

/** Runs planned cells in this process: an order names one of them by its identity. */
export const localLauncher = Effect.fn("Local.localLauncher")(function* <R>(
  cells: ReadonlyArray<Cell<R>>,
  { left, metrics, workspace }: LocalOptions,
) {
  // Opened by the first measured cell, and kept for the others.
  const scope = yield* Effect.scope
  const devices = yield* Effect.cached(
    Effect.map(Scope.provide(yield* DeviceSources, scope), (open) => ({
      open,
      idle: temperatures(open),
      began: readDevices(open),
    })),
  )
  const resumed = Effect.fnUntraced(function* (id: string) {
    const folder = join(workspace.raw, id)
    const bad = left.find((run) => run.folder === folder)?.bad
    if (bad !== undefined) return yield* bad
    // Read again: an earlier round may have appended to it.
    const journal = yield* readJournal(folder)
    if (journal === undefined) return yield* fail(`there is no run ${id} to resume.`, "Order the cell without resume.")
    return { folder, journal }
  })
  const run = Effect.fn("Local.run")(
    function* ({ resume, spec, until }: CellOrder, tell: (line: RunLine) => Effect.Effect<void>) {
      const cell = cells.find((planned) => planned.spec.identity === spec.identity)
      if (cell === undefined)
        return yield* fail(
          `no cell ${spec.identity} was planned here.`,
          "Plan it on this machine: rigbook worker does.",
        )
      const surroundings = { workspace, metrics, devices, until, emit: withTime(tell) }
      if (cell.failure !== undefined) return yield* failCell(cell, cell.failure, surroundings)
      return yield* Effect.gen(function* () {
        const cut = resume === undefined ? undefined : yield* resumed(resume)
        return yield* runCell(cell, cut, surroundings)
      }).pipe(
        // Unreadable or unwritable files of one cell are that cell's failure.
        Effect.catchTag(["BadJournal", "BadTelemetry", "UnreadableFile", "PlatformError"], (error) =>
          // A disk that is full is so for the next cell, too.
          error._tag === "PlatformError" && diskProblem(error)?.everywhere === true
            ? Effect.fail(error)
            : failCell(
                cell,
                badFiles(cell.backend.id, workspace.root, resume && join(workspace.raw, resume), error),
                surroundings,
              ),
        ),
      )
    },
    Effect.catchTag(["BadJournal", "BadTelemetry", "UnreadableFile", "PlatformError"], (error) => {
      const problem = error._tag === "PlatformError" ? diskProblem(error) : undefined
      return problem === undefined
        ? fail(
            `the cell's files can't be read or written: ${error.message}.`,
            "Check the disk, and who may write there.",
          )
        : fail(problem.detail, `${problem.fix} What was measured is kept, and is resumed then.`)
    }),
  )
  return { id: "local", run }
})

const fail = (detail: string, fix: string) => Effect.fail(new LaunchError({ launcher: "local", detail, fix }))

/** Records a cell that can't be run. Returns the name of its folder. */
const failCell = Effect.fnUntraced(function* <R>(
  cell: Cell<R>,
  failure: BackendError,
  { emit, metrics, workspace }: Surroundings,
) {
  const record = yield* recordFailure(cell, failure, workspace, metrics)
  yield* emit({ kind: "finished", ...outcomeOf(record) })
  return record.id
})
