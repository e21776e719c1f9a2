import { isQuality, type Scenario } from "@rigbook/core"

/** What a run of quality put before its texts: a model may be measured with it and without. */
export const prefixesOf = (scenario: Scenario): ReadonlyArray<string> => {
  if (!isQuality(scenario) || scenario.measure === "kld" || scenario.measure === "tasks") return []
  const prefix = (what: string, before: string | undefined) =>
    before === undefined ? [] : [`${what} after ${JSON.stringify(before)}`]
  return [...prefix("queries", scenario.queryPrefix), ...prefix("documents", scenario.documentPrefix)]
}
