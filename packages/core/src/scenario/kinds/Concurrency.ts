import { Schema } from "effect"
import { Amount, listOf } from "../Amounts.ts"
import { lengthName } from "../Length.ts"
import { promptsName } from "../Prompts.ts"
import { CountRamp } from "../Ramp.ts"
import { rampIn, rungNumbers } from "../Rungs.ts"
import type { ScenarioKind } from "../ScenarioKind.ts"
import { asides, requested, loadRequest, unfitTexts, withPrompts } from "./Loads.ts"

/** A number of requests at once, the next sent when one has ended: a closed loop. */
const fields = {
  kind: Schema.Literal("concurrency"),
  ...requested,
  /** Requests of one trial. Default: four for each stream. */
  requests: Schema.optionalKey(Amount),
}
/** A number of streams at once, the next request of each sent when one has ended: a closed loop. */
export const Concurrency = Schema.Struct({ ...fields, streams: Amount }).annotate({
  identifier: "Concurrency",
})
export type Concurrency = typeof Concurrency.Type

/** In a config: each number of a list, and each rung of a ramp, is a separate cell. */
export const ConcurrencyLadder = Schema.Struct({
  ...fields,
  /** Requests at once: one number, a list of them, or a ramp. */
  streams: Schema.Union([Amount, listOf(Amount), CountRamp]),
})

/** Requests of one trial of a closed loop. */
const requestsOf = ({ requests, streams }: Concurrency): number => requests ?? 4 * streams

export const concurrency: ScenarioKind<Concurrency, typeof ConcurrencyLadder.Type> = {
  task: "generate",
  load: true,
  raised: {
    field: "streams",
    by: "concurrency",
    unit: "streams",
    saturates: true,
    head: "requests at once",
    title: "By requests at once",
    plot: {
      title: "Concurrency ladders",
      about:
        "Each line joins runs that differ only in the requests at once. Where throughput becomes flat, further requests only wait.",
    },
  },
  rungs: (ladder) => rungNumbers(ladder.streams, true).map((streams) => ({ ...ladder, streams })),
  ramp: ({ streams }) => rampIn(streams),
  prompts: ({ prompts }) => withPrompts(prompts),
  unfit: (ladder) => unfitTexts(ladder, Math.max(...concurrency.rungs(ladder, Infinity).map(requestsOf))),
  name: (scenario) =>
    `concurrency-${scenario.streams}-${promptsName(scenario.prompts)}-${requestsOf(scenario)}x${lengthName(scenario.outputTokens)}`,
  order: (scenario) => [scenario.streams, requestsOf(scenario)],
  work: (scenario, { prompts }, round) => ({
    requests: Array.from({ length: requestsOf(scenario) }, (_, index) => loadRequest(scenario, prompts, round, index)),
    load: { kind: "streams", streams: scenario.streams },
    ...asides(scenario),
  }),
}
