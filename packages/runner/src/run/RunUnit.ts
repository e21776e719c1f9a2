import type { RunRecord, LaunchUnit } from "@rigbook/core"
import { readRecords } from "@rigbook/records"
import { DateTime, Effect, Result } from "effect"
import type { Cell } from "../plan/Cell.ts"
import { alike, orderedCells } from "../plan/OrderedCell.ts"
import { run } from "./Run.ts"
import type { OrderOptions } from "./RunOrder.ts"

/**
 * Carries out a unit in this process, as `runOrder` does one order: its cells in turns, a ramp up to where it ends. A cell
 * that this machine can't run is a line, and the others are run. Returns the records. Fails as `runOrder` does if there is
 * no cell that can be run: with `ConfigError`, `OrderMismatch`, `LaunchError`, `WorkspaceBusy`, `BadRecord` or
 * `PlatformError`.
 */
export const runUnit = Effect.fn("RunUnit.runUnit")(function* <R>(
  { cells: wanted, rounds, since }: Pick<LaunchUnit, "cells" | "rounds" | "since">,
  { metrics, onLine, wait = false, ...input }: OrderOptions<R>,
) {
  const { workspace } = input
  const { records } = yield* readRecords(workspace.raw)
  const groups = yield* Effect.forEach(alike(wanted.map(({ order }) => order)), (orders) =>
    Effect.map(Effect.result(orderedCells(orders, { ...input, records })), (planned) => ({ orders, planned })),
  )
  const failures = groups.flatMap(({ planned }) => (Result.isFailure(planned) ? [planned.failure] : []))
  if (failures.length === groups.length) return yield* failures[0]!
  for (const { message } of failures)
    yield* onLine?.({ kind: "error", at: DateTime.formatIso(yield* DateTime.now), message }) ?? Effect.void
  /** Cells of this machine by the identity that was ordered. */
  const here = new Map(
    groups.flatMap(({ orders, planned }) =>
      Result.isSuccess(planned) ? planned.success.map((cell, at) => [orders[at]!.spec.identity, cell] as const) : [],
    ),
  )
  const cells = wanted.flatMap(({ order, ramp }): ReadonlyArray<Cell<R>> => {
    const cell = here.get(order.spec.identity)
    if (cell === undefined || ramp === undefined) return cell === undefined ? [] : [cell]
    const below = ramp.below.flatMap((identity) => here.get(identity)?.spec.identity ?? [])
    return [{ ...cell, ramp: { gain: ramp.gain, good: ramp.good, below } }]
  })
  const result: ReadonlyArray<RunRecord> = yield* run(cells, {
    workspace,
    rounds,
    wait,
    fresh: wanted.some(({ order }) => order.fresh),
    ...(since === undefined ? {} : { since }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(onLine === undefined ? {} : { onLine }),
  })
  return result
})
