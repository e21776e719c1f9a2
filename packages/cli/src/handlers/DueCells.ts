import { ConfigError, type ConfigIssue } from "@rigbook/records"
import type { Cell, Plan } from "@rigbook/runner"
import { Effect } from "effect"

/** Cells that are to be run, and what is told of configs or cells that are not. */
export interface DueCells<R> {
  readonly cells: ReadonlyArray<Cell<R>>
  readonly leftOut: ReadonlyArray<ConfigIssue>
}

/**
 * What is run of a plan. A mistake in a config ends the run before anything is measured, unless it is told to keep
 * going: then that config is left out. What is not there (a server, an engine, a model) fails its own cells. Fails with
 * `ConfigError`, which has all that is wrong, and also where no cell is left that could be measured.
 */
export const dueCells = <R>({ cells, issues, missing }: Plan<R>, keepGoing: boolean) => {
  const wrong = new Set(issues.map(({ file }) => file))
  const due = cells.filter(({ spec }) => !wrong.has(spec.config.path))
  const isReady = due.some(({ failure }) => failure === undefined)
  const [first, ...rest] = [...issues, ...missing]
  return first === undefined || (isReady && (keepGoing || issues.length === 0))
    ? Effect.succeed<DueCells<R>>({ cells: due, leftOut: first === undefined ? [] : [first, ...rest] })
    : Effect.fail(new ConfigError({ issues: [first, ...rest] }))
}
