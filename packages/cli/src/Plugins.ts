import type { NodeServices } from "@effect/platform-node"
import { findWorkspace, METRICS, type Workspace } from "@rigbook/records"
import { findPlugins, loadMetric, partsOf, pluginBackends, pluginParts } from "@rigbook/runner"
import { Effect } from "effect"
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
 * this program carries its problem, for whoever uses it. Rules are read, not run.
 */
export const installedParts = Effect.runSync(
  Effect.cached(
    Effect.map(findInstalled, (plugins) => {
      containPlugins()
      for (const plugin of plugins) if ("problem" in plugin) printAside(plugin.problem.message)
      return pluginParts(plugins).map((part) => {
        const problem = part.problem ?? (part.kind === "ratingRules" ? undefined : sharingProblem(part.plugin))
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
      return [...METRICS, ...loaded.filter((metric) => metric !== undefined)]
    }),
  ),
)

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
