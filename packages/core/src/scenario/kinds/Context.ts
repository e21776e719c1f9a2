import { Effect, Schema } from "effect"
import { Amount, listOf, Tokens } from "../Amounts.ts"
import type { ScenarioKind } from "../ScenarioKind.ts"
import { seeded } from "../Seeded.ts"
import { syntheticText } from "../SyntheticText.ts"

const fields = {
  kind: Schema.Literal("context"),
  outputTokens: Tokens.pipe(Schema.withDecodingDefaultKey(Effect.succeed(32))),
  /** Requests of one trial. */
  requests: Amount.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
  seed: Schema.Int.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
}
/** One stream with a generated prompt of about `depth` tokens: what a long context costs. */
export const Context = Schema.Struct({ ...fields, depth: Tokens }).annotate({ identifier: "Context" })
export type Context = typeof Context.Type

/** Without `depth`: powers of two from 512 to 32768, up to the model's context. */
export const ContextLadder = Schema.Struct({
  ...fields,
  depth: Schema.optionalKey(Schema.Union([Tokens, listOf(Tokens)])),
})

const DEPTHS = [512, 1024, 2048, 4096, 8192, 16_384, 32_768]

export const context: ScenarioKind<Context, typeof ContextLadder.Type> = {
  task: "generate",
  load: false,
  raised: {
    field: "depth",
    by: "context",
    unit: "tokens",
    saturates: false,
    head: "context (tokens)",
    title: "By context",
    plot: {
      title: "Context ladders",
      about: "Each line joins runs that differ only in the tokens before the answer.",
    },
  },
  rungs: (ladder, contextLength) =>
    [ladder.depth ?? DEPTHS.filter((depth) => depth + ladder.outputTokens <= contextLength)]
      .flat()
      .map((depth) => ({ ...ladder, depth })),
  prompts: () => undefined,
  name: ({ depth, outputTokens, requests }) => `context-${depth}-${requests}x${outputTokens}`,
  order: ({ depth, outputTokens }) => [depth, outputTokens],
  work: ({ depth, outputTokens, requests, seed }, _, round) => ({
    requests: Array.from({ length: requests }, (_each, index) => ({
      prompt: index,
      request: {
        task: "generate",
        prompt: { text: syntheticText(depth, seeded(`${seed} ${round} ${index}`)) },
        outputTokens,
      },
    })),
  }),
}
