import { bytesOf, type Host } from "@rigbook/core"
import { type ConfigIssue, formatIssue, type NamedConfig, readRecords } from "@rigbook/records"
import {
  deviceMasks,
  farBackends,
  LOCAL,
  type Plan,
  plan as planCells,
  planFiles,
  type PlannedCell,
} from "@rigbook/runner"
import { Effect, Result } from "effect"
import { EXIT, usageFailure } from "../Failure.ts"
import { modelPage, planPage } from "../output/PlanPage.ts"
import { print, printAside, printJson } from "../output/Print.ts"
import { columns } from "../output/Wrapped.ts"
import { hostHere, installedBackends, workspaceHere } from "../Plugins.ts"
import { dueCells } from "./DueCells.ts"
import { knownRates, namedHost } from "./NamedHost.ts"
import { isOnlyPlanned } from "./OpenWorkspace.ts"
import { copiesPage, planOn, type PlannedHost } from "./PlanOn.ts"
import { type NamedModel, planTargets } from "./PlanTargets.ts"
import { type readersOf, suitedTo } from "./Readers.ts"

/** What `rigbook plan` was called with. */
export interface PlanInput {
  /** Configs, and models that none names. */
  readonly configs: ReadonlyArray<string>
  readonly host: string | undefined
  /** A host that was added: it is connected to. */
  readonly on: string | undefined
  /** Tokens of the models' contexts. */
  readonly context: number | undefined
  readonly json: boolean
}

/**
 * Shows the cells of configs and models, here or on a described host. Of configs it refuses what `run` would refuse, with its
 * message and exit code: 2, or 1 if only a part is left out. It needs no engine: a missing one is shown with its cells. For
 * models it needs no workspace; exit code 1 means that one does not fit.
 */
export const plan = Effect.fn("Plan.plan")(function* (action: PlanInput) {
  const { configs: names, host: named, json } = action
  const workspace = yield* workspaceHere
  const targets = yield* planTargets(workspace, names)
  if (action.context !== undefined && targets.models.length === 0)
    return yield* usageFailure("--context is for models that no config names: a config says its own.")
  if (named !== undefined && action.on !== undefined)
    return yield* usageFailure(
      "--host is for a machine that is only described, --on for one that was added: choose one.",
    )
  const far = action.on === undefined || action.on === LOCAL ? undefined : yield* planOn(workspace, action.on)
  const described = named === undefined ? undefined : yield* namedHost(workspace, named)
  const host = far?.facts.host ?? described?.host ?? (yield* hostHere)
  const options = {
    reach: far !== undefined ? ("whole" as const) : named === undefined ? ("here" as const) : ("headers" as const),
    ...(far === undefined ? {} : { nodes: far.facts.nodes }),
    records: workspace === undefined ? [] : (yield* readRecords(workspace.raw)).records,
    rates: new Map([...(yield* knownRates(workspace)), ...(described?.rates ?? [])]),
  }
  const planAll = Effect.fnUntraced(function* (configs: ReadonlyArray<NamedConfig>) {
    const none: Plan<Services> = { cells: [], issues: [], missing: [], invalid: [] }
    return workspace === undefined || configs.length === 0
      ? none
      : yield* planCells(workspace, configs, yield* backendsOn(far), host, options)
  })
  // Where nothing is named, what is only planned is shown, and it is no error if that does not fit here, or is not here.
  const isWish = (config: NamedConfig): boolean => named === undefined && names.length === 0 && isOnlyPlanned(config)
  const planned = yield* planAll(targets.configs.filter((config) => !isWish(config)))
  const wishes = yield* planAll(targets.configs.filter(isWish))
  const models = yield* Effect.forEach(targets.models, (model) =>
    planNamed(
      model,
      { ...options, reach: far === undefined && named === undefined ? "here" : "headers", host },
      action.context,
    ),
  )
  const order = targets.configs.map(({ id }) => id)
  const cells = [...planned.cells, ...wishes.cells].toSorted(
    (a, b) => order.indexOf(a.config.id) - order.indexOf(b.config.id),
  )
  const copies = far === undefined ? [] : yield* far.copies(cells)
  const judged = withoutEngines(planned)
  const wished = withoutEngines(wishes)
  const due = dueCells({ ...judged, issues: [...judged.issues, ...mistakes(wished)] }, false)
  const wrong = Result.isFailure(due) ? due.failure.issues : due.success.leftOut
  if (json) {
    const refusal = Result.isFailure(due) ? { error: { message: due.failure.message, issues: wrong } } : {}
    yield* printJson({
      host,
      cells: [...cells, ...models].map(entry),
      ...(far === undefined ? {} : { copies }),
      ...refusal,
    })
  } else {
    const masks = named === undefined && far === undefined ? yield* deviceMasks : []
    const view = { host, masks, described: named !== undefined, width: columns() }
    if (models.length > 0) yield* print(modelPage(models, view))
    if (cells.length > 0) yield* print(planPage(cells, view))
    if (far !== undefined) yield* print(copiesPage(far.name, copies))
  }
  for (const issue of [...wrong, ...wished.missing]) printAside(formatIssue(issue))
  if (Result.isFailure(due)) return EXIT.usage
  return wrong.length > 0 || models.some(({ placement }) => "absent" in placement) ? EXIT.failed : EXIT.done
}, Effect.scoped)

/** The backends of this machine, or as they are on the host that is planned for. */
const backendsOn = (far: PlannedHost | undefined) =>
  Effect.map(installedBackends, (backends) =>
    far === undefined ? backends : farBackends(backends, far.facts, far.name),
  )

type Services = Effect.Services<ReturnType<typeof readersOf>>

type FileOptions = Pick<Parameters<typeof planFiles>[0], "reach" | "records" | "rates" | "host">

/** The plan of a model, by the first backend that does what it is for. */
const planNamed = Effect.fnUntraced(function* (model: NamedModel, options: FileOptions, context: number | undefined) {
  const { backends, scenario } = yield* suitedTo(model)
  const [{ backend, options: usual }] = backends
  const set: unknown = context === undefined ? usual : (backend.withContext?.(usual, context) ?? usual)
  const { cells, issues, missing } = yield* planFiles({ ...options, ...model, backend, options: set, scenario })
  const [cell] = cells
  if (cell !== undefined) return cell
  return yield* usageFailure([...issues, ...missing].map(({ message }) => message).join("\n"))
})

/** A plan as if all engines that have planned cells were installed. */
const withoutEngines = <R>({ cells, missing, ...rest }: Plan<R>): Plan<R> => ({
  ...rest,
  cells: cells.map((cell) => {
    const { failure: _, ...ready } = cell
    return ready
  }),
  missing: missing.filter(
    ({ file, message }) => !cells.some(({ config, failure }) => config.path === file && failure?.message === message),
  ),
})

/** What is wrong with a plan beside that cells fit nowhere. */
const mistakes = <R>({ cells, issues }: Plan<R>): ReadonlyArray<ConfigIssue> =>
  issues.filter(({ message }) => !cells.some(({ placement }) => "absent" in placement && placement.absent === message))

/** A cell for machines, with sums. */
const entry = <R>({ demand, host, placement, runtime, whole, ...cell }: PlannedCell<R>) => ({
  config: cell.config,
  backend: cell.backend,
  scenario: cell.scenario,
  ...(cell.rung === undefined ? {} : { rung: cell.rung }),
  requested: cell.requested,
  model: cell.model,
  runtime: "value" in runtime ? runtime.value : runtime,
  fit: cell.fit,
  demandSource: cell.demandSource,
  ...(cell.unusable.length === 0 ? {} : { unusable: cell.unusable }),
  refused: cell.refused,
  longestContext: cell.longestContext,
  speed: cell.speed,
  ...(cell.speedAtLongest === undefined ? {} : { speedAtLongest: cell.speedAtLongest }),
  time: cell.time,
  placement: "value" in placement ? placement.value : null,
  others: cell.others,
  demand: demand.map(({ device, parts }) => {
    const freeBytes = freeOf(host, device)
    const bytes = bytesOf(parts)
    return { device, bytes, ...(freeBytes === undefined ? {} : { freeBytes, leftBytes: freeBytes - bytes }), parts }
  }),
  wholeBytes: whole.totalBytes,
})

const freeOf = ({ devices }: Host, device: string): number | undefined =>
  devices.find(({ id }) => id === device)?.freeBytes
