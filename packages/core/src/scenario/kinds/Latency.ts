import { Effect, Schema } from "effect"
import { Amount, Tokens } from "../Amounts.ts"
import { lengthName, Natural, outputLength } from "../Length.ts"
import { marked } from "../Marked.ts"
import { CacheUse, Prompts, promptsName } from "../Prompts.ts"
import type { ScenarioKind } from "../ScenarioKind.ts"
import { tokensOfFirst } from "../TrialTokens.ts"

/** One stream at a time: how long a person waits, and how fast the answer is written. */
export const Latency = Schema.Struct({
  kind: Schema.Literal("latency"),
  prompts: Prompts,
  /** Requests of one trial: the first prompts of the set, one after the other. */
  requests: Amount.pipe(Schema.withDecodingDefaultKey(Effect.succeed(2))),
  /** Tokens that each request has to produce. */
  outputTokens: Schema.Union([Tokens, Natural]).pipe(Schema.withDecodingDefaultKey(Effect.succeed(128))),
  /** By default each trial sends the set unchanged, to engines without a cache; `fresh` is for those with one. */
  cache: Schema.optionalKey(CacheUse),
}).annotate({ identifier: "Latency" })
export type Latency = typeof Latency.Type

export const latency: ScenarioKind<Latency> = {
  task: "generate",
  load: false,
  rungs: (scenario) => [scenario],
  prompts: ({ prompts }) => prompts,
  name: ({ outputTokens, prompts, requests }) =>
    `latency-${promptsName(prompts)}-${requests}x${lengthName(outputTokens)}`,
  order: ({ outputTokens, requests }) => [requests, outputLength(outputTokens).outputTokens],
  work: ({ cache, outputTokens, requests }, { prompts }, round) => ({
    requests: Array.from({ length: requests }, (_, index) => {
      const prompt = prompts[index % prompts.length]!
      return {
        prompt: index % prompts.length,
        request: {
          task: "generate",
          prompt: cache === "fresh" ? marked(prompt, `${round} ${index}`) : prompt,
          ...outputLength(outputTokens),
        },
      }
    }),
  }),
  tokens: ({ outputTokens, requests }, { prompts }) => ({
    read: tokensOfFirst(requests, prompts),
    written: requests * outputLength(outputTokens).outputTokens,
  }),
}
