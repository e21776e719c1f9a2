import { CONTRACT, type PluginError } from "@rigbook/core"
import { type BrokenPlugin, loadAny, type Part, type Plugin, pluginParts } from "@rigbook/runner"
import { Effect } from "effect"
import { relative } from "node:path"
import { containPlugins } from "../ContainPlugins.ts"
import { EXIT } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { table } from "../output/Table.ts"
import { findInstalled } from "../Plugins.ts"
import { sharingProblem } from "../SharedPackages.ts"
import { styled } from "../output/Style.ts"

/** Lists the plugins found, each loaded to know that it can be. Exit code 1 if one can't be used. */
export const pluginList = Effect.fn("PluginList.pluginList")(function* ({ json }: { readonly json: boolean }) {
  const plugins = yield* findInstalled
  const parts = pluginParts(plugins)
  containPlugins()
  const entries = yield* Effect.forEach(plugins, (plugin) => entry(plugin, parts))
  if (json) yield* printJson({ contract: CONTRACT, plugins: entries })
  else
    yield* print(
      entries.length === 0
        ? "No plugins found. Install one, such as a backend: npm install @rigbook/backend-llamacpp"
        : [
            table(
              ["plugin", "version", "contract", "provides", "from", ""],
              entries.map(({ brings, contract, folder, name, problems, version }) => [
                name,
                version,
                String(contract ?? "–"),
                brings.map(({ id, kind }) => `${KINDS[kind]} ${id}`).join(", ") || "–",
                relative(process.cwd(), folder) || ".",
                problems.length === 0 ? styled("green", "ok") : styled("red", "unusable"),
              ]),
            ),
            ...entries.flatMap(({ problems }) => problems),
          ].join("\n"),
    )
  return entries.every(({ problems }) => problems.length === 0) ? EXIT.done : EXIT.failed
})

const KINDS = {
  backends: "backend",
  metrics: "metric",
  reporters: "reporter",
  datasets: "datasets",
  launchers: "launcher",
  vendors: "vendor",
  ratingRules: "rating rules",
  scenarioSets: "scenarios",
} as const

const entry = Effect.fnUntraced(function* (plugin: Plugin | BrokenPlugin, parts: ReadonlyArray<Part>) {
  const { folder, name, origin, version } = plugin
  const own = parts.filter((part) => part.plugin === plugin)
  const problem = "problem" in plugin ? plugin.problem : sharingProblem(plugin)
  const problems =
    problem === undefined ? (yield* Effect.forEach(own, problemOf)).filter((each) => each !== undefined) : [problem]
  return {
    name,
    version,
    contract: "manifest" in plugin ? plugin.manifest.contract : null,
    origin,
    folder,
    brings: own.map(({ about: { description, id }, kind }) => ({ kind, id, description })),
    problems: [...new Set(problems.map(({ message }) => message))],
  }
})

/** Why a part can't be used, `undefined` if it can. */
const problemOf = (part: Part): Effect.Effect<PluginError | undefined> =>
  Effect.match(part.problem === undefined ? loadAny(part) : Effect.fail(part.problem), {
    onSuccess: () => undefined,
    onFailure: (error) => error,
  })
