import type { Workspace } from "@rigbook/records"
import { type Cell, run } from "@rigbook/runner"
import { Context, Effect } from "effect"

/** A service of the program that a run is a part of. */
export class Notifier extends Context.Service<Notifier, { readonly tell: (line: string) => Effect.Effect<void> }>()(
  "example/Notifier",
) {}

/**
 * Measures through the night: each cell is reported as it ends, and in the morning the rest is left for the next time.
 * What was measured by then is kept, the trial that ran is not. Gives the ids of the records.
 */
export const overnight = Effect.fn("overnight")(function* <R>(
  cells: ReadonlyArray<Cell<R>>,
  workspace: Workspace,
  untilMorning: number,
) {
  const { tell } = yield* Notifier
  const names = new Map(cells.map(({ spec }) => [spec.identity, spec.config.name]))
  const finished: Array<string> = []
  yield* run(cells, {
    workspace,
    onLine: (line) => {
      if (line.kind !== "finished") return Effect.void
      finished.push(line.record)
      return tell(`${names.get(line.cell)}: ${line.status}`)
    },
  }).pipe(Effect.timeoutOption(untilMorning))
  yield* tell(`${finished.length} of ${cells.length} cells were measured`)
  return finished
})
