import { Effect, Schema } from "effect"
import { Amount, listOf, Tokens } from "../Amounts.ts"
import { lengthName, Natural, outputLength } from "../Length.ts"
import type { ScenarioKind } from "../ScenarioKind.ts"
import { seeded } from "../Seeded.ts"
import { syntheticText, tooMuchText } from "../SyntheticText.ts"

const fields = {
  kind: Schema.Literal("context"),
  outputTokens: Schema.Union([Tokens, Natural]).pipe(Schema.withDecodingDefaultKey(Effect.succeed(32))),
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
  /**
   * Each rung opens its engine with as much context as it needs, and one that does not fit is left out with the reason. By
   * default all rungs share the context of the backend's options, and one that does not fit is an error.
   */
  ifItFits: Schema.optionalKey(Schema.Boolean),
})

/** Tokens that a chat template adds at most, and steps that engines round contexts to. */
const [TEMPLATE, STEP] = [256, 1024]

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
  ifItFits: ({ ifItFits }) => ifItFits === true,
  contextOf: ({ depth, outputTokens }) => {
    const least = depth + outputLength(outputTokens).outputTokens
    return { least, enough: Math.ceil((1.1 * least + TEMPLATE) / STEP) * STEP }
  },
  rungs: ({ ifItFits: _ifItFits, ...ladder }, contextLength) =>
    [ladder.depth ?? DEPTHS.filter((depth) => depth + outputLength(ladder.outputTokens).outputTokens <= contextLength)]
      .flat()
      .map((depth) => ({ ...ladder, depth })),
  prompts: () => undefined,
  unfit: ({ depth = DEPTHS, requests }) => tooMuchText(requests * Math.max(...[depth].flat())),
  name: ({ depth, outputTokens, requests }) => `context-${depth}-${requests}x${lengthName(outputTokens)}`,
  order: ({ depth, outputTokens }) => [depth, outputLength(outputTokens).outputTokens],
  work: ({ depth, outputTokens, requests, seed }, _, round) => ({
    requests: Array.from({ length: requests }, (_each, index) => ({
      prompt: index,
      request: {
        task: "generate",
        prompt: { text: syntheticText(depth, seeded(`${seed} ${round} ${index}`)) },
        ...outputLength(outputTokens),
      },
    })),
  }),
  tokens: ({ depth, outputTokens, requests }) => ({
    read: requests * depth,
    written: requests * outputLength(outputTokens).outputTokens,
  }),
}
