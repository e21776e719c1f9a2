import { type Backends, canonicalJson, CellOrder, type Host, nodesHere, type RunRecord } from "@rigbook/core"
import { ConfigError, type ConfigFile, parseConfigFile, type Workspace } from "@rigbook/records"
import { Effect, Schema } from "effect"
import { assemblePlan } from "./Assemble.ts"
import type { Cell } from "./Cell.ts"
import { gatherFacts } from "./Gather.ts"
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

/** Orders that differ in their scenario alone: they are planned as one config, so that their model is read once. */
type Alike = readonly [CellOrder, ...ReadonlyArray<CellOrder>]

/** Orders in groups that are planned together, each in the order of its first. Pure. */
export const alike = (orders: ReadonlyArray<CellOrder>): ReadonlyArray<Alike> => {
  const keyOf = ({ requested, spec }: CellOrder): string => {
    const { backend, config, options, protocol, source } = encodeSpec(spec)
    return canonicalJson({ backend, config, options, protocol, requested, source })
  }
  return [...Map.groupBy(orders, keyOf).values()].map((group) => group as unknown as Alike)
}

/**
 * The cells of orders on this machine: planned again from the config in the orders, with the prompts and the model of this
 * workspace. Fails with `ConfigError` if one can't run here, with `OrderMismatch` if it is another cell.
 */
export const orderedCells = Effect.fn("OrderedCell.orderedCells")(function* <R>(orders: Alike, input: OrderInput<R>) {
  const [
    {
      spec: { config },
    },
  ] = orders
  const file = configOf(orders)
  const overheads = observedOverheads(input.records)
  const facts = yield* settle(
    yield* gatherFacts(
      { ...config, file },
      { ...input, reach: "whole", overheads, rates: new Map(), nodes: nodesHere() },
    ),
  )
  const { cells, unplaced } = assemblePlan(facts)
  const [first, ...rest] = [...facts.issues, ...unplaced, ...facts.missing]
  if (first !== undefined) return yield* new ConfigError({ issues: [first, ...rest] })
  const known = cells.map(({ cell }) => valueOf(cell)).filter((cell) => cell !== undefined)
  return yield* Effect.forEach(orders, (order) => {
    const planned = known.find(({ spec }) => canonicalJson(spec.scenario) === canonicalJson(order.spec.scenario))
    return asOrdered(order, planned, file)
  })
})

/** The planned cell, as the order names it. */
const asOrdered = Effect.fnUntraced(function* <R>(order: CellOrder, planned: Cell<R> | undefined, file: ConfigFile) {
  if (planned === undefined)
    return yield* new ConfigError({ issues: [file.issue([], "it has no cell on this machine")] })
  const { config } = order.spec
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

/** A config of only the ordered cells, whose mistakes are reported at their place in the order. */
const configOf = (orders: Alike): ConfigFile => {
  const [{ requested, spec }] = orders
  const { backend, config, license, options, protocol, source, task } = encodeSpec(spec)
  const file = parseConfigFile(
    JSON.stringify({
      name: config.name,
      task,
      ...(license === undefined ? {} : { license }),
      source,
      backends: { [backend]: options },
      placement: requested,
      scenarios: orders.map((order) => encodeSpec(order.spec).scenario),
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
