import type { NodeServices } from "@effect/platform-node"
import type { Metric } from "@rigbook/core"
import { findWorkspace, METRICS, readScenarioSet, type Workspace } from "@rigbook/records"
import {
  addVendors,
  captureHost,
  findPlugins,
  loadMetric,
  loadVendor,
  partsOf,
  pluginBackends,
  pluginParts,
  presentVendors,
  reasonOf,
} from "@rigbook/runner"
import { Effect, Result } from "effect"
import { join } from "node:path"
import { containPlugins } from "./ContainPlugins.ts"
import { usageFailure } from "./Failure.ts"
import { sharingProblem } from "./SharedPackages.ts"
import { printAside } from "./output/Print.ts"

type Services = NodeServices.NodeServices

/** The workspace that the command was started in; none outside a workspace. */
export const workspaceHere = Effect.suspend(() => findWorkspace(process.cwd())).pipe(
  Effect.catchTag("NoWorkspace", () => Effect.succeed<Workspace | undefined>(undefined)),
)

/**
 * The plugins installed next to the workspace (outside a workspace: next to the current folder), and beside this
 * program. None of them is loaded.
 */
export const findInstalled = Effect.gen(function* () {
  const workspace = yield* workspaceHere
  return yield* findPlugins({
    root: workspace?.root ?? process.cwd(),
    named: workspace?.config.plugins ?? [],
    program: import.meta.dirname,
  })
})

/**
 * What they provide. Unusable ones are reported on standard error, once; the others work. One that is incompatible with
 * this program carries its problem, for whoever uses it. Files are read, not run.
 */
export const installedParts = Effect.runSync(
  Effect.cached(
    Effect.map(findInstalled, (plugins) => {
      containPlugins()
      for (const plugin of plugins) if ("problem" in plugin) printAside(plugin.problem.message)
      return pluginParts(plugins).map((part) => {
        const problem = part.problem ?? ("file" in part.about ? undefined : sharingProblem(part.plugin))
        return problem === undefined ? part : { ...part, problem }
      })
    }),
  ),
)

/** The installed backends, each loaded when it is first used. Fails with `ConfigError` where rigbook.yaml is wrong. */
export const installedBackends = Effect.map(installedParts, pluginBackends<Services>)

/**
 * Rigbook's metrics, and after them those of plugins. One that can't be loaded is reported on standard error, once, and
 * left out: `rigbook derive` adds its figures later. Fails with `ConfigError` where rigbook.yaml is wrong.
 */
export const installedMetrics = Effect.runSync(
  Effect.cached(
    Effect.gen(function* () {
      const parts = partsOf(yield* installedParts, "metrics")
      const loaded = yield* Effect.forEach(parts, (part) =>
        Effect.catchTag(loadMetric(part), "PluginError", ({ message }) => Effect.sync(() => printAside(message))),
      )
      const { metrics: given = {} } = (yield* workspaceHere)?.config ?? {}
      const unknown = Object.keys(given).find((id) => !parts.some(({ about }) => about.id === id))
      if (unknown !== undefined)
        return yield* usageFailure(
          `rigbook.yaml: metrics: no plugin provides a metric named "${unknown}"; ${known(parts.map(({ about }) => about.id))}`,
        )
      const configured = yield* Effect.forEach(
        loaded.filter((metric) => metric !== undefined),
        (metric) => withGiven(metric, given[metric.id]),
      )
      return [...METRICS, ...configured]
    }),
  ),
)

/** A metric with the options that rigbook.yaml gives it, if any. */
const withGiven = (metric: Metric, options: Metric["options"]) => {
  if (options === undefined) return Effect.succeed(metric)
  if (metric.withOptions === undefined)
    return Effect.fail(usageFailure(`rigbook.yaml: metrics.${metric.id}: this metric has no options.`))
  return Effect.try({
    try: () => metric.withOptions!(options),
    catch: (cause) => usageFailure(`rigbook.yaml: metrics.${metric.id}: ${reasonOf(cause)}.`),
  })
}

/** GPU vendors of plugins become known to this process. One that can't be used is reported on standard error, once. */
const useVendors = Effect.runSync(
  Effect.cached(
    Effect.gen(function* () {
      const loaded = yield* Effect.forEach(partsOf(yield* installedParts, "vendors"), (part) =>
        Effect.catchTag(loadVendor(part), "PluginError", ({ message }) => Effect.sync(() => printAside(message))),
      )
      for (const { alias, id } of addVendors(loaded.filter((vendor) => vendor !== undefined)))
        printAside(`The vendor ${id} is not used: another one calls its devices ${alias}, too. Uninstall one of them.`)
    }),
  ),
)

/** This machine, with the GPUs of all vendors that are known or installed. */
export const hostHere = Effect.andThen(useVendors, captureHost)

/** Ids of these vendors whose driver answers here. */
export const vendorsHere = Effect.andThen(useVendors, presentVendors)

/** The sets of scenarios of plugins, by name. One that can't be used is reported on standard error, once. */
const installedSets = Effect.runSync(
  Effect.cached(
    Effect.gen(function* () {
      const sets: Record<string, Effect.Success<ReturnType<typeof readScenarioSet>>> = {}
      for (const { about, plugin, problem } of partsOf(yield* installedParts, "scenarioSets")) {
        if (problem !== undefined) {
          printAside(problem.message)
          continue
        }
        const read = yield* Effect.result(readScenarioSet(join(plugin.folder, about.file)))
        if (Result.isSuccess(read)) sets[about.id] = read.success
        else printAside(`Plugin ${plugin.name}: ${read.failure.message}`)
      }
      return sets
    }),
  ),
)

/** The workspace with the sets of scenarios of plugins. */
export const withScenarioSets = (workspace: Workspace) =>
  Effect.map(installedSets, (scenarioSets): Workspace => ({ ...workspace, scenarioSets }))

/** The workspace with the rating rules that its rigbook.yaml names. */
export const withRatingRules = Effect.fn("Plugins.withRatingRules")(function* (workspace: Workspace) {
  const { rating } = workspace.config
  if (rating === undefined) return workspace
  const rules = partsOf(yield* installedParts, "ratingRules")
  const part = rules.find(({ about }) => about.id === rating)
  if (part === undefined)
    return yield* usageFailure(
      `rigbook.yaml: rating: no plugin provides rating rules named "${rating}"; ${known(rules.map(({ about }) => about.id))}`,
    )
  if (part.problem !== undefined) return yield* part.problem
  return { ...workspace, rating: join(part.plugin.folder, part.about.file) }
})

export const known = (ids: ReadonlyArray<string>): string =>
  ids.length === 0 ? "none is installed." : `available: ${ids.join(", ")}.`
