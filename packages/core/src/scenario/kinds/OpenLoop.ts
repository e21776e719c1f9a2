import { Effect, Schema } from "effect"
import { Amount, listOf } from "../Amounts.ts"
import { Arrivals, arrivalTimes } from "../Arrivals.ts"
import { lengthName } from "../Length.ts"
import { promptsName } from "../Prompts.ts"
import { RateRamp } from "../Ramp.ts"
import { rampIn, rungNumbers } from "../Rungs.ts"
import type { ScenarioKind } from "../ScenarioKind.ts"
import { seeded } from "../Seeded.ts"
import { asides, requested, loadRequest, unfitTexts, withPrompts } from "./Loads.ts"

const Positive = Schema.Finite.check(Schema.isGreaterThan(0))

/** Requests that arrive at a rate, however many are running: an open loop. Latency counts from when each was due. */
const fields = {
  kind: Schema.Literal("open-loop"),
  ...requested,
  arrivals: Arrivals.pipe(Schema.withDecodingDefaultKey(Effect.succeed("poisson" as const))),
  /** Requests of one trial. */
  requests: Amount.pipe(Schema.withDecodingDefaultKey(Effect.succeed(100))),
}
/** `rate` is in requests a second. */
export const OpenLoop = Schema.Struct({ ...fields, rate: Positive }).annotate({ identifier: "OpenLoop" })
export type OpenLoop = typeof OpenLoop.Type

/** As `OpenLoop`; several rates, in requests a second, are several cells. */
export const OpenLoopLadder = Schema.Struct({
  ...fields,
  /** Requests a second: one rate, a list of them, or a ramp. */
  rate: Schema.Union([Positive, listOf(Positive), RateRamp]),
})

export const openLoop: ScenarioKind<OpenLoop, typeof OpenLoopLadder.Type> = {
  task: "generate",
  load: true,
  raised: {
    field: "rate",
    by: "rate",
    unit: "requests/s",
    saturates: true,
    head: "requests/s arriving",
    title: "By arrival rate",
    plot: {
      title: "Arrival ladders",
      about: "Each line joins runs that differ only in how many requests arrive per second.",
    },
  },
  rungs: (ladder) => rungNumbers(ladder.rate, false).map((rate) => ({ ...ladder, rate })),
  ramp: ({ rate }) => rampIn(rate),
  prompts: ({ prompts }) => withPrompts(prompts),
  unfit: (ladder) => unfitTexts(ladder, ladder.requests),
  name: ({ arrivals, outputTokens, prompts, rate, requests }) =>
    `open-loop-${arrivals}-${rate}-${promptsName(prompts)}-${requests}x${lengthName(outputTokens)}`,
  order: ({ rate, requests }) => [rate, requests],
  work: (scenario, { prompts }, round) => {
    const { arrivals, rate, requests, seed } = scenario
    const times = arrivalTimes(arrivals, rate, requests, seeded(`${seed} arrivals`))
    return {
      requests: times.map((atMs, index) => ({ ...loadRequest(scenario, prompts, round, index), atMs })),
      load: { kind: "arrivals" },
      ...asides(scenario),
    }
  },
}
