import { bytesOf } from "@rigbook/core"
import { formatIssue, readRecords } from "@rigbook/records"
import {
  captureHost,
  deviceMasks,
  type Plan,
  plan as planCells,
  type PlannedCell,
  readHostDescription,
  ruleOfThumb,
} from "@rigbook/runner"
import { Effect, Result } from "effect"
import { relative } from "node:path"
import type { ActionOf } from "../Action.ts"
import { EXIT } from "../Failure.ts"
import { planPage } from "../output/PlanPage.ts"
import { print, printJson } from "../output/Print.ts"
import { installedBackends } from "../Plugins.ts"
import { dueCells } from "./DueCells.ts"
import { configPaths, isOnlyPlanned, namedFile, openWorkspace } from "./OpenWorkspace.ts"

/**
 * Shows the cells of configs, here or on a described host, and refuses what `run` would refuse, with its message and
 * exit code: 2, or 1 if only a part is left out. It needs no engine: a missing one is shown with its cells.
 */
export const plan = Effect.fn("Plan.plan")(function* ({ configs, host: named, json }: ActionOf<"plan">) {
  const workspace = yield* openWorkspace
  const host = named === undefined ? yield* captureHost : yield* describedAt(workspace.hosts, named)
  const paths = yield* configPaths(workspace, configs)
  const planned = yield* planCells(
    workspace,
    paths,
    yield* installedBackends,
    host,
    named === undefined
      ? { reach: "here", records: (yield* readRecords(workspace.raw)).records }
      : { reach: "headers" },
  )
  const passedOver =
    named === undefined && configs.length === 0
      ? (yield* Effect.filter(paths, isOnlyPlanned)).map((path) => relative(workspace.root, path))
      : []
  const { cells } = planned
  const judged = withoutEngines(planned)
  const due = dueCells(withoutWishes(judged, passedOver), false)
  const wrong = Result.isFailure(due) ? due.failure.issues : due.success.leftOut
  if (json) {
    const refusal = Result.isFailure(due) ? { error: { message: due.failure.message, issues: wrong } } : {}
    yield* printJson({ host, cells: cells.map(entry), ...refusal })
  } else if (cells.length > 0) yield* print(planPage(cells, host, named === undefined ? yield* deviceMasks : []))
  const elsewhere = judged.missing.filter(({ file }) => passedOver.includes(file))
  for (const issue of [...wrong, ...elsewhere]) process.stderr.write(`${formatIssue(issue)}\n`)
  if (Result.isFailure(due)) return EXIT.usage
  return wrong.length > 0 ? EXIT.failed : EXIT.done
})

/** A plan as if all engines that have planned cells were installed. */
const withoutEngines = <R>({ cells, issues, missing }: Plan<R>): Plan<R> => ({
  cells: cells.map((cell) => {
    const { failure: _, ...ready } = cell
    return ready
  }),
  issues,
  missing: missing.filter(
    ({ file, message }) => !cells.some(({ config, failure }) => config.path === file && failure?.message === message),
  ),
})

/** A plan without configs that are only planned: it is no error if those don't fit here, or are not here. */
const withoutWishes = <R>({ cells, issues, missing }: Plan<R>, passedOver: ReadonlyArray<string>): Plan<R> => ({
  cells: cells.filter(({ config }) => !passedOver.includes(config.path)),
  issues: issues.filter(
    ({ file, message }) =>
      !passedOver.includes(file) ||
      !cells.some(({ placement }) => "absent" in placement && placement.absent === message),
  ),
  missing: missing.filter(({ file }) => !passedOver.includes(file)),
})

const describedAt = Effect.fnUntraced(function* (folder: string, name: string) {
  const path = yield* namedFile(folder, name, "host")
  return yield* readHostDescription(path, relative(process.cwd(), path))
})

/** A cell for programs, with sums. */
const entry = <R>({ demand, host, placement, runtime, whole, ...cell }: PlannedCell<R>) => ({
  config: cell.config,
  backend: cell.backend,
  scenario: cell.scenario,
  ...(cell.rung === undefined ? {} : { rung: cell.rung }),
  requested: cell.requested,
  model: cell.model,
  runtime: "value" in runtime ? runtime.value : runtime,
  demandSource: cell.demandSource,
  refused: cell.refused,
  longestContext: cell.longestContext,
  seconds: cell.seconds,
  placement: "value" in placement ? placement.value : null,
  others: cell.others,
  demand: demand.map(({ device, parts }) => {
    const freeBytes = host.devices.find(({ id }) => id === device)?.freeBytes
    const bytes = bytesOf(parts)
    return { device, bytes, ...(freeBytes === undefined ? {} : { freeBytes, leftBytes: freeBytes - bytes }), parts }
  }),
  wholeBytes: whole.totalBytes,
  ruleOfThumb: ruleOfThumb(cell.model),
})
