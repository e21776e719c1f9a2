import { promptsOf, type Scenario } from "@rigbook/core"

/**
 * Where the prompts of a scenario are that are shared with its record, from the workspace's root: those of a named set. `undefined`
 * for synthetic ones, which are generated, and for files that are people's own: prompts, traces and datasets. Pure.
 */
export const sharedPrompts = (scenario: Scenario): string | undefined => {
  const requested = promptsOf(scenario)
  return typeof requested === "string" && /^[A-Za-z0-9_][A-Za-z0-9._-]{0,200}$/.test(requested)
    ? `benchmarks/configs/prompts/${requested}.jsonl`
    : undefined
}
