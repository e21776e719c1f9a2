import { bounds, type CellOrder, type LaunchUnit, makeUnit, placedGpus } from "@rigbook/core"
import type { Cell } from "../plan/Cell.ts"
import type { PlannedCell } from "../plan/PlannedCell.ts"

/** How cells become units. */
export interface UnitOptions<R> {
  /** When the run began, in ISO 8601: see `makeUnit`. */
  readonly startedAt: string
  /** Measure again instead of reusing current records. */
  readonly fresh: boolean
  readonly rounds: number
  /** The plan of the cells, which says how long each is expected to take. */
  readonly planned: ReadonlyArray<PlannedCell<R>>
  /** The longest that a unit may take there, in seconds: one that is stopped then is resumed. Left out if nothing limits it. */
  readonly longestSeconds?: number
}

/** What a cell may take beside its trials, as a multiple of what is expected: a machine may be slower than another. */
const SLACK = 4
/** For a cell of which nothing is known, in seconds. */
const UNKNOWN_S = 3600

/**
 * The units of cells that are to run on one host, in their order: one for each model, engine and placement. Cells that are
 * measured in turns are one unit. Host, engine and placement are those that the worker finds there. Pure.
 */
export const unitsOf = <R>(
  cells: ReadonlyArray<Cell<R>>,
  { fresh, longestSeconds = Infinity, planned, rounds, startedAt }: UnitOptions<R>,
): ReadonlyArray<LaunchUnit> => {
  const loadOf = ({ spec: { backend, config, options, placement } }: Cell<R>): string =>
    rounds > 1 ? "" : JSON.stringify([config.id, backend, options, placement])
  const estimates = new Map(
    planned.flatMap((one) =>
      "value" in one.cell
        ? [[one.cell.value.spec.identity, "value" in one.time ? one.time.value.high : UNKNOWN_S] as const]
        : [],
    ),
  )
  return [...Map.groupBy(cells, loadOf).values()].map((group) => {
    const [first, ...rest] = group.map(({ ramp, requested, spec }) => {
      const until = bounds(spec.protocol.trials).max
      const order: CellOrder = { schema: 1, spec, requested, identity: "own", until, fresh }
      return { order, ...(ramp === undefined ? {} : { ramp }) }
    })
    const gpus = Math.max(...group.map(({ spec }) => placedGpus(spec).length))
    const expected = group.reduce((sum, { spec }) => sum + (estimates.get(spec.identity) ?? UNKNOWN_S), 0)
    const opening = group.reduce((most, { spec }) => Math.max(most, spec.protocol.openTimeoutMs), 0) / 1000
    const seconds = Math.min(Math.ceil(opening * rounds + expected * SLACK), longestSeconds)
    const nodes = Math.max(...group.map(({ spec }) => spec.placement.nodes ?? 1))
    const shape = { nodes, gpus, seconds }
    return makeUnit({ startedAt, attempt: 1, rounds, shape, cells: [first!, ...rest] })
  })
}
