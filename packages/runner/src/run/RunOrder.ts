import type { CellOrder, Metric, RunLine } from "@rigbook/core"
import { readRecords } from "@rigbook/records"
import { Effect } from "effect"
import { orderedCell, type OrderInput } from "../plan/OrderedCell.ts"
import { run } from "./Run.ts"

/** Options of `runOrder`. */
export interface OrderOptions<R> extends Omit<OrderInput<R>, "records"> {
  /** Waits until no other process measures in the workspace on this machine: orders are queued. */
  readonly wait?: boolean
  readonly metrics?: ReadonlyArray<Metric>
  /** Is called with each line, in order. */
  readonly onLine?: (line: RunLine) => Effect.Effect<void>
}

/**
 * Carries out an order in this process, in a workspace that has the model's source and the prompts. Returns the record;
 * `undefined` if `until` ended the cell before. Fails with `ConfigError` if this machine can't run the cell, with
 * `OrderMismatch` if it would run another, and with `WorkspaceBusy`, `LaunchError`, `BadRecord` and `PlatformError` as `run`.
 */
export const runOrder = Effect.fn("RunOrder.runOrder")(function* <R>(
  order: CellOrder,
  { metrics, onLine, wait = false, ...input }: OrderOptions<R>,
) {
  const { workspace } = input
  const { fresh, resume, until } = order
  const { records } = yield* readRecords(workspace.raw)
  const cell = yield* orderedCell(order, { ...input, records })
  const [record] = yield* run([cell], {
    workspace,
    fresh,
    until,
    wait,
    ...(resume === undefined ? {} : { resume }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(onLine === undefined ? {} : { onLine }),
  })
  return record
})
