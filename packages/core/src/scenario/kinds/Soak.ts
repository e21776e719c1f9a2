import { Schema } from "effect"
import { Amount } from "../Amounts.ts"
import { lengthName } from "../Length.ts"
import { promptsName } from "../Prompts.ts"
import type { ScenarioKind } from "../ScenarioKind.ts"
import { asides, requested, loadRequest, withPrompts } from "./Loads.ts"

/** A closed loop that continues: each trial is a time window, and drift shows between the trials. */
export const Soak = Schema.Struct({
  kind: Schema.Literal("soak"),
  ...requested,
  streams: Amount,
  seconds: Schema.Finite.check(Schema.isGreaterThan(0)),
}).annotate({ identifier: "Soak" })
export type Soak = typeof Soak.Type

export const soak: ScenarioKind<Soak> = {
  task: "generate",
  load: true,
  rungs: (scenario) => [scenario],
  prompts: ({ prompts }) => withPrompts(prompts),
  name: ({ outputTokens, prompts, seconds, streams }) =>
    `soak-${streams}-${promptsName(prompts)}-${seconds}sx${lengthName(outputTokens)}`,
  order: ({ seconds, streams }) => [streams, seconds],
  work: (scenario, { prompts }, round) => ({
    requests: [],
    load: {
      kind: "soak",
      streams: scenario.streams,
      durationMs: scenario.seconds * 1000,
      at: (index) => loadRequest(scenario, prompts, round, index),
    },
    ...asides(scenario),
  }),
}
