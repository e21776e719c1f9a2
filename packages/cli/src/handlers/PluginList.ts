import { CONTRACT } from "@rigbook/core"
import { type BrokenPlugin, type Part, type Plugin, pluginParts } from "@rigbook/runner"
import { Effect } from "effect"
import { relative } from "node:path"
import { styleText } from "node:util"
import { EXIT } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { table } from "../output/Table.ts"
import { findInstalled } from "../Plugins.ts"
import { sharingProblem } from "../SharedPackages.ts"

/** Lists the plugins found, without loading them. Exit code 1 if one can't be used. */
export const pluginList = Effect.fn("PluginList.pluginList")(function* ({ json }: { readonly json: boolean }) {
  const plugins = yield* findInstalled
  const parts = pluginParts(plugins)
  const entries = plugins.map((plugin) => entry(plugin, parts))
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
                problems.length === 0 ? styleText("green", "ok") : styleText("red", "unusable"),
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
  ratingRules: "rating rules",
} as const

const entry = (plugin: Plugin | BrokenPlugin, parts: ReadonlyArray<Part>) => {
  const { folder, name, origin, version } = plugin
  const own = parts.filter((part) => part.plugin === plugin)
  const problem = "problem" in plugin ? plugin.problem : sharingProblem(plugin)
  return {
    name,
    version,
    contract: "manifest" in plugin ? plugin.manifest.contract : null,
    origin,
    folder,
    brings: own.map(({ about: { description, id }, kind }) => ({ kind, id, description })),
    problems: [...(problem === undefined ? [] : [problem]), ...own.flatMap((part) => part.problem ?? [])].map(
      ({ message }) => message,
    ),
  }
}
