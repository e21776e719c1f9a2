import { kindOf, type ModelConfig, type PromptSet, promptsOf, scenarioTask, type TextSource } from "@rigbook/core"
import { type ConfigFile, readPrompts, syntheticSet, type Workspace } from "@rigbook/records"
import { Effect, Result } from "effect"
import { relative } from "node:path"
import type { Problems } from "./Facts.ts"

/** The prompt sets and traces of a config's scenarios, by their place; what is wrong with one is an issue. */
export const readPromptSets = Effect.fnUntraced(function* (
  file: ConfigFile,
  config: ModelConfig,
  workspace: Workspace,
  { issues }: Problems,
) {
  const sets = new Map<number, PromptSet>()
  for (const [index, scenario] of config.scenarios.entries()) {
    const task = scenarioTask(scenario)
    if (task !== config.task)
      issues.push(
        file.issue(
          ["scenarios", index, "kind"],
          `a ${scenario.kind} scenario needs task ${task}, the config's task is ${config.task}`,
        ),
      )
    const source = promptsOf(scenario)
    const set =
      source === undefined ? Result.succeed(syntheticSet) : yield* Effect.result(readPrompts(source, workspace))
    if (Result.isFailure(set)) {
      const at = ["scenarios", index, fieldOf(source!)]
      const { detail, path } = set.failure
      const named = typeof source === "object" && "dataset" in source ? source.dataset : source
      const where = typeof named === "object" && "file" in named ? [...at, "file"] : at
      issues.push(file.issue(where, `${detail} (${relative(workspace.root, path)})`))
      continue
    }
    const unfit = kindOf(scenario).unfit?.(scenario, set.success)
    if (unfit === undefined) sets.set(index, set.success)
    else issues.push(file.issue(["scenarios", index, unfit.field], unfit.detail))
  }
  return sets
})

/** The key of a scenario that says where its texts come from. */
const fieldOf = (source: TextSource): string => {
  if (typeof source === "string") return "prompts"
  return "trace" in source ? "file" : "dataset" in source ? "dataset" : "prompts"
}
