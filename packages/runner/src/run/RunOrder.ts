import type { CellOrder, Metric, RunLine } from "@rigbook/core"
import { readRecords } from "@rigbook/records"
import { Effect } from "effect"
import { orderedCell, type OrderInput } from "../plan/OrderedCell.ts"
import { run } from "./Run.ts"

/** What an order is carried out by. */
export interface OrderOptions<R> extends Omit<OrderInput<R>, "records"> {
  readonly metrics?: ReadonlyArray<Metric>
  /** Hears of what happens, in order. */
  readonly onLine?: (line: RunLine) => Effect.Effect<void>
}

/**
 * Carries an order out in this process, in a workspace that holds the model's source and the prompts. Gives the record;
 * `undefined` where `until` ended the cell before. Fails with `ConfigError` where this machine can't run the cell, with
 * `OrderMismatch` where it would run another, and with `WorkspaceBusy`, `LaunchError`, `BadRecord` and `PlatformError` as `run`.
 */
export const runOrder = Effect.fn("RunOrder.runOrder")(function* <R>(
  order: CellOrder,
  { metrics, onLine, ...input }: OrderOptions<R>,
) {
  const { workspace } = input
  const { fresh, resume, until } = order
  const { records } = yield* readRecords(workspace.raw)
  const cell = yield* orderedCell(order, { ...input, records })
  const [record] = yield* run([cell], {
    workspace,
    fresh,
    until,
    ...(resume === undefined ? {} : { resume }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(onLine === undefined ? {} : { onLine }),
  })
  return record
})
