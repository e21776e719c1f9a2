import type { RunRecord } from "@rigbook/core"
import type { Workspace } from "@rigbook/records"
import { type Cell, run } from "@rigbook/runner"
import { Context, Effect } from "effect"

/** A service of the program that a run is a part of. */
export class Notifier extends Context.Service<Notifier, { readonly tell: (line: string) => Effect.Effect<void> }>()(
  "example/Notifier",
) {}

/**
 * Measures through the night: each cell is reported as it ends, and in the morning the rest is left for the next time.
 * What was measured by then is kept, the trial that ran is not.
 */
export const overnight = Effect.fn("overnight")(function* <R>(
  cells: ReadonlyArray<Cell<R>>,
  workspace: Workspace,
  untilMorning: number,
) {
  const { tell } = yield* Notifier
  const finished: Array<RunRecord> = []
  yield* run(cells, {
    workspace,
    onEvent: (event) => {
      if (event._tag !== "Finished") return Effect.void
      finished.push(event.record)
      return tell(`${event.record.cell.config.name}: ${event.record.verdict.status}`)
    },
  }).pipe(Effect.timeoutOption(untilMorning))
  yield* tell(`${finished.length} of ${cells.length} cells were measured`)
  return finished
})
