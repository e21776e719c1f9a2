import { type CellSpec, placementName, type RunLine, type RunRecord, scenarioName } from "@rigbook/core"
import { DateTime, Effect } from "effect"

type WithoutTime<Line> = Line extends RunLine ? Omit<Line, "at"> : never

/** Reports what happens: a line without its time. */
export type Emit = (line: WithoutTime<RunLine>) => Effect.Effect<void>

/** Adds to each line the time at which it is reported. */
export const withTime =
  (onLine: (line: RunLine) => Effect.Effect<void>): Emit =>
  (line) =>
    Effect.flatMap(DateTime.now, (now) => onLine({ ...line, at: DateTime.formatIso(now) } as RunLine))

/** The first line of a run. */
export const firstLine = (specs: ReadonlyArray<CellSpec>) => ({
  kind: "run" as const,
  schema: 1 as const,
  cells: specs.map(({ backend, config, identity, placement, scenario }) => ({
    cell: identity,
    config: config.id,
    name: config.name,
    backend,
    placement: placementName(placement),
    scenario: scenarioName(scenario),
  })),
})

/** What lines report of a record. */
export const outcomeOf = ({ cell, failure, id, startedAt, verdict }: RunRecord) => ({
  cell: cell.identity,
  record: id,
  startedAt,
  status: verdict.status,
  reasons: [...new Set(verdict.reasons.map(({ code }) => code))],
  ...(failure === undefined ? {} : { failure: `${failure.reason.detail} ${failure.reason.fix}` }),
})
