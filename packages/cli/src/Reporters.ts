import { PluginError, type Reporter } from "@rigbook/core"
import type { Workspace } from "@rigbook/records"
import { loadReporter, partsOf } from "@rigbook/runner"
import { Effect } from "effect"
import { usageFailure } from "./Failure.ts"
import { installedParts, known } from "./Plugins.ts"

/** Rigbook's own reporters, loaded when they are needed. */
export const ownReporters: Effect.Effect<ReadonlyArray<Reporter>> = Effect.promise(async () => {
  const { csv, html, json, markdown } = await import("@rigbook/reporters")
  return [markdown, json, csv, html]
})

/**
 * The reporters that render the registry: Rigbook's, and those of plugins that rigbook.yaml names. Fails with `Failure`
 * for an unknown id, with `PluginError` if one can't be loaded, with `ConfigError` if rigbook.yaml is invalid.
 */
export const registryReporters = Effect.fn("Reporters.registryReporters")(function* ({ config }: Workspace) {
  const named = yield* Effect.forEach(config.reporters ?? [], (id) => reporter(id, "rigbook.yaml: reporters: "))
  return [...(yield* ownReporters), ...named]
})

/** Its id and extension become names of files. */
const named = (reporter: Reporter, plugin: string): Effect.Effect<Reporter, PluginError> =>
  [reporter.id, reporter.extension].every((name) => /^[\w-]+$/.test(name))
    ? Effect.succeed(reporter)
    : Effect.fail(
        new PluginError({
          plugin,
          detail: `its reporter has the id ${JSON.stringify(reporter.id)} and the extension ${JSON.stringify(reporter.extension)}.`,
          fix: "Report it to its author: both are parts of names of files, and have only letters, digits, _ and -.",
        }),
      )

/**
 * The reporter of an id, Rigbook's or a plugin's. Fails with `Failure` for an unknown
 * id, with `PluginError` if it can't be loaded, with `ConfigError` if rigbook.yaml is invalid.
 */
export const reporter = Effect.fn("Reporters.reporter")(function* (id: string, where = "") {
  const own = yield* ownReporters
  const found = own.find((one) => one.id === id)
  if (found !== undefined) return found
  const parts = partsOf(yield* installedParts, "reporters")
  const part = parts.find(({ about }) => about.id === id)
  if (part !== undefined) return yield* named(yield* loadReporter(part), part.plugin.name)
  const ids = [...own.map((one) => one.id), ...parts.map(({ about }) => about.id)]
  return yield* usageFailure(`${where}unknown reporter "${id}"; ${known(ids)}`)
})
