import { ConfigError, type ConfigIssue } from "@rigbook/records"
import type { Plan, PlannedCell } from "@rigbook/runner"
import { Result } from "effect"

/** Cells that are to be run, and what is reported of configs or cells that are not. */
export interface DueCells<R> {
  readonly cells: ReadonlyArray<PlannedCell<R>>
  readonly leftOut: ReadonlyArray<ConfigIssue>
}

/**
 * What is run of a plan. A mistake in a config ends the run before anything is measured, unless it is told to keep
 * going: then that config is left out. What is not there (a server, an engine, a model) fails its own cells. Fails with
 * `ConfigError`, which has all that is wrong, and also where no cell is left that could be measured. Pure.
 */
export const dueCells = <R>(
  { cells, issues, missing }: Plan<R>,
  keepGoing: boolean,
): Result.Result<DueCells<R>, ConfigError> => {
  const wrong = new Set(issues.map(({ file }) => file))
  const due = cells.filter(({ config }) => !wrong.has(config.path))
  const isReady = due.some(({ failure }) => failure === undefined)
  const [first, ...rest] = [...issues, ...missing]
  return first === undefined || (isReady && (keepGoing || issues.length === 0))
    ? Result.succeed({ cells: due, leftOut: first === undefined ? [] : [first, ...rest] })
    : Result.fail(new ConfigError({ issues: [first, ...rest] }))
}
