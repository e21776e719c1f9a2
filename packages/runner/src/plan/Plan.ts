import { type Backends, type Host, type RunRecord, Vendors } from "@rigbook/core"
import { type ConfigIssue, configsIn, formatIssue, type NamedConfig, type Workspace } from "@rigbook/records"
import { Effect } from "effect"
import type { RatesByName } from "../host/Rates.ts"
import { presentVendors } from "../vendors/Vendors.ts"
import { assemblePlan } from "./Assemble.ts"
import type { PlannedCell } from "./PlannedCell.ts"
import type { Reach } from "./Facts.ts"
import { gatherFacts } from "./Gather.ts"
import { speedsByBackend } from "./ObservedSpeeds.ts"
import { observedOverheads } from "./Overhead.ts"
import { settle } from "./Settle.ts"

/** What would run, and the problems. */
export interface Plan<R = never> {
  readonly cells: ReadonlyArray<PlannedCell<R>>
  /** All problems of the configs on this machine. Their other cells are planned anyway. */
  readonly issues: ReadonlyArray<ConfigIssue>
  /**
   * Engines, servers and models that are missing or can't be read. Cells with a known model have it as their `failure`.
   */
  readonly missing: ReadonlyArray<ConfigIssue>
  /** Ids of the configs that have issues: other variants of the same file may have none. */
  readonly invalid: ReadonlyArray<string>
}

/** How configs are planned. */
export interface PlanOptions {
  /** How much is read; by default `whole`, so that the cells can run. */
  readonly reach?: Reach
  /** Earlier ones of the workspace: overheads, times and speeds are learned from them. */
  readonly records?: ReadonlyArray<RunRecord>
  /** What devices can do at most, by their names: speeds are estimated by it. */
  readonly rates?: RatesByName
  /** Machines that a unit can have there. Default: one, or any number where only headers are read. */
  readonly nodes?: number
}

/**
 * Turns configs into cells: those that are read or made of values (`configsOfValue`), and all variants of files by their
 * absolute paths. Everything that can be known before a model is loaded is checked here: keys and types,
 * backends, options, model files, runtimes, devices, prompt sets. Models that travel in packages are fetched.
 */
export const plan = Effect.fn("Plan.plan")(function* <R>(
  workspace: Workspace,
  configs: ReadonlyArray<string | NamedConfig>,
  backends: Backends<R>,
  host: Host,
  { rates = new Map(), reach = "whole", records = [], nodes = reach === "headers" ? Infinity : 1 }: PlanOptions = {},
) {
  const overheads = reach === "headers" ? [] : observedOverheads(records)
  const input = { workspace, backends, host, reach, records, overheads, rates, nodes }
  const vendors = reach === "headers" ? [] : yield* presentVendors
  const read = yield* Effect.forEach(configs, (config) =>
    typeof config === "string" ? configsIn(workspace, config) : Effect.succeed([config]),
  )
  const plans = yield* Effect.forEach(read.flat(), (config) => Effect.flatMap(gatherFacts(config, input), settle)).pipe(
    Effect.provideService(Vendors, vendors),
  )
  const engines = plans.flatMap((facts) => facts.engines)
  const speeds = speedsByBackend(engines, { records, rates })
  const assembled = plans.map((facts) => ({ ...facts, ...assemblePlan({ ...facts, speeds }) }))
  return {
    cells: assembled.flatMap(({ cells }) => cells),
    issues: once(assembled.flatMap(({ issues, unplaced }) => inOrder([...issues, ...unplaced]))),
    invalid: assembled.flatMap(({ id, issues, unplaced }) => (issues.length + unplaced.length > 0 ? [id] : [])),
    missing: once(assembled.flatMap(({ broken, missing }) => inOrder([...missing, ...broken]))),
  } satisfies Plan<R>
})

/** What variants share is reported once. */
const once = (issues: ReadonlyArray<ConfigIssue>): ReadonlyArray<ConfigIssue> => [
  ...new Map(issues.map((issue) => [formatIssue(issue), issue])).values(),
]

const inOrder = (issues: ReadonlyArray<ConfigIssue>): ReadonlyArray<ConfigIssue> =>
  issues.toSorted((a, b) => a.line - b.line || a.column - b.column)
