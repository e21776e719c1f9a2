import type { NodeServices } from "@effect/platform-node"
import type { RunLine, RunRecord } from "@rigbook/core"
import { type ConfigIssue, type NamedConfig, readRecord, readRecords, type Workspace } from "@rigbook/records"
import {
  type Cell,
  cellsToRun,
  farBackends,
  keptUnits,
  launch,
  type Launched,
  LOCAL,
  plan,
  unitsOf,
} from "@rigbook/runner"
import { DateTime, Effect, Predicate } from "effect"
import { join } from "node:path"
import type { Failure } from "../Failure.ts"
import { connectNamed, connectOnly } from "../hosts/Connect.ts"
import { passedOverGpus, unfitCells } from "../output/DeviceUse.ts"
import { printAside } from "../output/Print.ts"
import { installedBackends } from "../Plugins.ts"
import { currentRecord } from "./CurrentRecord.ts"
import { dueCells } from "./DueCells.ts"

/** Configs by the host that they are measured on: that of `--on`, else those that each names, else this machine. Pure. */
export const byHost = (
  configs: ReadonlyArray<NamedConfig>,
  on: string | undefined,
): ReadonlyMap<string, ReadonlyArray<NamedConfig>> => {
  const pairs = configs.flatMap((config) =>
    (on === undefined ? hostsOf(config) : [on]).map((host) => ({ host, config })),
  )
  const groups = Map.groupBy(pairs, ({ host }) => host)
  return new Map([...groups].map(([host, group]) => [host, group.map(({ config }) => config)] as const))
}

/** What a config's `hosts` name. If they are wrong, the plan of the config reports it. */
const hostsOf = ({ file: { value } }: NamedConfig): ReadonlyArray<string> => {
  const hosts: unknown = Predicate.hasProperty(value, "hosts") ? value.hosts : undefined
  const names = Array.isArray(hosts) ? hosts.filter(Predicate.isString) : []
  return names.length === 0 ? [LOCAL] : [...new Set(names)]
}

/** What cells on another host are run with. */
export interface FarRun {
  readonly host: string
  readonly workspace: Workspace
  readonly configs: ReadonlyArray<NamedConfig>
  readonly fresh: boolean
  readonly rounds: number
  readonly keepGoing: boolean
  /** Which of the planned cells are meant. */
  readonly choose: (
    cells: ReadonlyArray<Cell<NodeServices.NodeServices>>,
  ) => Effect.Effect<ReadonlyArray<Cell<NodeServices.NodeServices>>, Failure>
  readonly onPlanned: (cells: ReadonlyArray<Pick<Cell<NodeServices.NodeServices>, "spec">>) => void
  readonly onLine: (line: RunLine) => Effect.Effect<void>
}

/** What came of a run on another host. */
export interface FarResult {
  readonly records: ReadonlyArray<RunRecord>
  /** Ids of those that were here before. */
  readonly reused: ReadonlyArray<string>
  readonly leftOut: ReadonlyArray<ConfigIssue>
  readonly problems: ReadonlyArray<string>
}

/**
 * Measures configs on another host: units of an earlier run that are still there are picked up first. A host that can't be
 * reached, or can't do it, is a problem of its own cells.
 */
export const runOn = Effect.fn("RunOn.runOn")(function* (input: FarRun) {
  return yield* Effect.scoped(measure(input)).pipe(
    Effect.catchTag(["HostAway", "LaunchError"], ({ message }) =>
      Effect.succeed<FarResult>({ records: [], reused: [], leftOut: [], problems: [message] }),
    ),
  )
})

const NOTHING: Launched = { records: [], problems: [] }

const measure = Effect.fnUntraced(function* ({
  choose,
  configs,
  fresh,
  host,
  keepGoing,
  onLine,
  onPlanned,
  rounds,
  workspace,
}: FarRun) {
  const startedAt = DateTime.formatIso(yield* DateTime.now)
  const { records } = yield* readRecords(workspace.raw)
  const left = yield* keptUnits(workspace, host)
  onPlanned(left.flatMap(({ cells }) => cells.map(({ order }) => order)))
  // Before the host is asked what it is: that may need a free machine, which these units hold.
  const earlier = yield* left.length === 0
    ? Effect.succeed(NOTHING)
    : Effect.flatMap(connectOnly(host, workspace), (connection) =>
        launch(left, { host, connection, workspace, onLine }),
      )
  const { connected, facts } = yield* connectNamed(host, workspace)
  const backends = farBackends(yield* installedBackends, facts, host)
  const planned = yield* plan(workspace, configs, backends, facts.host, { records, nodes: facts.nodes })
  const { cells, leftOut } = yield* Effect.fromResult(dueCells(planned, keepGoing))
  for (const sentence of [...passedOverGpus(cells), ...unfitCells(cells)]) printAside(sentence)
  const chosen = yield* choose(cellsToRun(cells))
  onPlanned(chosen)
  const followed = new Set(left.flatMap((unit) => unit.cells.map(({ order }) => order.spec.identity)))
  const currentOf = ({ spec }: Cell<NodeServices.NodeServices>) => (fresh ? undefined : currentRecord(records, spec))
  // The rungs of a ramp are judged together, where they were measured: what is there is reused there.
  const isDone = (cell: Cell<NodeServices.NodeServices>): boolean =>
    cell.ramp === undefined && currentOf(cell) !== undefined
  const rest = chosen.filter((cell) => !followed.has(cell.spec.identity))
  const { longestSeconds } = facts
  const units = unitsOf(
    rest.filter((cell) => !isDone(cell)),
    { startedAt, fresh, rounds, planned: cells, ...(longestSeconds === undefined ? {} : { longestSeconds }) },
  )
  const launched = yield* launch(units, { host, connection: yield* connected, workspace, onLine })
  const old = rest.filter(isDone).map((cell) => currentOf(cell)!)
  const brought = yield* Effect.forEach([...earlier.records, ...launched.records], (id) =>
    readRecord(join(workspace.raw, id)),
  )
  const before = new Set(records.map(({ id }) => id))
  const all = [...old, ...brought.filter((record) => record !== undefined)]
  return {
    records: all,
    reused: all.filter(({ id }) => before.has(id)).map(({ id }) => id),
    leftOut,
    problems: [...earlier.problems, ...launched.problems],
  } satisfies FarResult
})
