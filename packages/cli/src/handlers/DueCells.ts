import { ConfigError, type ConfigIssue } from "@rigbook/records"
import type { Plan, PlannedCell } from "@rigbook/runner"
import { Result } from "effect"

/** Cells that are to be run, and what is reported about configs or cells that are not. */
export interface DueCells<R> {
  readonly cells: ReadonlyArray<PlannedCell<R>>
  readonly leftOut: ReadonlyArray<ConfigIssue>
}

/**
 * Which cells of a plan are run. An invalid config ends the run before anything is measured, unless `keepGoing` is
 * set: then it is left out. A missing server, engine or model fails only its own cells. Fails with
 * `ConfigError`, which lists all problems, and also if no cell is left to measure. Pure.
 */
export const dueCells = <R>(
  { cells, invalid, issues, missing }: Plan<R>,
  keepGoing: boolean,
): Result.Result<DueCells<R>, ConfigError> => {
  const due = cells.filter(({ config }) => !invalid.includes(config.id))
  const isReady = due.some(({ failure }) => failure === undefined)
  const [first, ...rest] = [...issues, ...missing]
  return first === undefined || (isReady && (keepGoing || issues.length === 0))
    ? Result.succeed({ cells: due, leftOut: first === undefined ? [] : [first, ...rest] })
    : Result.fail(new ConfigError({ issues: [first, ...rest] }))
}
