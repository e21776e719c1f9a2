import { type Backends, CellOrder, type Host, type RunRecord } from "@rigbook/core"
import { ConfigError, type ConfigFile, parseConfigFile, type Workspace } from "@rigbook/records"
import { Effect, Schema } from "effect"
import { assemblePlan } from "./Assemble.ts"
import type { Cell } from "./Cell.ts"
import { factsOf } from "./Gather.ts"
import { valueOf } from "./Known.ts"
import { differencesOf, OrderMismatch } from "./OrderMismatch.ts"
import { observedOverheads } from "./Overhead.ts"
import { settle } from "./Settle.ts"

/** What an order is planned with. */
export interface OrderInput<R> {
  readonly workspace: Workspace
  readonly backends: Backends<R>
  readonly host: Host
  /** Earlier ones of the workspace: overheads are learned from them. */
  readonly records: ReadonlyArray<RunRecord>
}

/**
 * The cell of an order on this machine: planned again from the config in the order, with the prompts and the model of this
 * workspace. Fails with `ConfigError` if it can't run here, with `OrderMismatch` if it is another cell.
 */
export const orderedCell = Effect.fn("OrderedCell.orderedCell")(function* <R>(order: CellOrder, input: OrderInput<R>) {
  const { config } = order.spec
  const file = configOf(order)
  const overheads = observedOverheads(input.records)
  const facts = yield* settle(yield* factsOf(file, config, { ...input, reach: "whole", overheads, rates: new Map() }))
  const { cells, unplaced } = assemblePlan(facts)
  const planned = cells.map(({ cell }) => valueOf(cell)).find((cell) => cell !== undefined)
  const [first, ...rest] = [...facts.issues, ...unplaced, ...facts.missing]
  if (first !== undefined) return yield* new ConfigError({ issues: [first, ...rest] })
  if (planned === undefined)
    return yield* new ConfigError({ issues: [file.issue([], "it has no cell on this machine")] })
  const differences = differencesOf(order, planned.spec)
  if (differences.length > 0)
    return yield* new OrderMismatch({
      config: config.id,
      differences,
      fix:
        order.identity === "same"
          ? 'Order it with "identity": "own" to measure what this machine has, or run it where it was planned.'
          : "Bring the prompts and the model of this workspace up to date.",
    })
  // The order decides whether a rung of a ramp is run. Its name already has the mark of the weights.
  const { ramp: _, ...cell } = planned
  return { ...cell, spec: { ...planned.spec, config } } satisfies Cell<R>
})

const encodeSpec = Schema.encodeSync(CellOrder.fields.spec)

/** A config of only the ordered cell, whose mistakes are reported at their place in the order. */
const configOf = ({ requested, spec }: CellOrder): ConfigFile => {
  const { backend, config, license, options, protocol, scenario, source, task } = encodeSpec(spec)
  const file = parseConfigFile(
    JSON.stringify({
      name: config.name,
      task,
      ...(license === undefined ? {} : { license }),
      source,
      backends: { [backend]: options },
      placement: requested,
      scenarios: [scenario],
      protocol,
    }),
    "order",
  )
  return { ...file, issue: (path, message) => file.issue(placeInOrder(path), message) }
}

const placeInOrder = ([first, ...rest]: ReadonlyArray<PropertyKey>): ReadonlyArray<PropertyKey> => {
  if (first === undefined) return []
  if (first === "placement") return ["requested", ...rest]
  if (first === "backends") return ["spec", "options", ...rest.slice(1)]
  return first === "scenarios" ? ["spec", "scenario", ...rest.slice(1)] : ["spec", first, ...rest]
}
