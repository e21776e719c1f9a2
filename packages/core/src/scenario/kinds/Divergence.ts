import { Effect, Schema } from "effect"
import { Amount, Tokens } from "../Amounts.ts"
import { PackageSource, PathSource, QuantizedSource } from "../../model/ModelSource.ts"
import { Prompts, promptsName } from "../Prompts.ts"
import type { PromptSet } from "../PromptSet.ts"
import { scoreDivergence } from "../ScoreDivergence.ts"
import { textOf } from "../TextOf.ts"
import type { TrialWork } from "../TrialWork.ts"

/**
 * How far a file's predictions are from those of a reference, the same model in more bits: over the whole vocabulary, for
 * each token in the second half of each chunk of a text. No figure of it is a time.
 */
export const Divergence = Schema.Struct({
  kind: Schema.Literal("quality"),
  measure: Schema.Literal("kld"),
  /** The text: all prompts of a set or file, joined. */
  prompts: Prompts,
  /** Source of the reference: the same model, never quantized if there is such a file. */
  reference: Schema.Union([PathSource, PackageSource, QuantizedSource]),
  /** Number of chunks, from the beginning of the text. */
  chunks: Amount.pipe(Schema.withDecodingDefaultKey(Effect.succeed(8))),
  /** Tokens of a chunk; those of its first half are only context. */
  context: Tokens.check(Schema.isGreaterThanOrEqualTo(32)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(512))),
}).annotate({ identifier: "Divergence" })
export type Divergence = typeof Divergence.Type

export const divergenceName = ({ chunks, context, prompts }: Divergence): string =>
  `quality-kld-${promptsName(prompts)}-${chunks}x${context}`

export const divergenceWork = ({ chunks }: Divergence, { prompts }: PromptSet): TrialWork => {
  const text = prompts.map(textOf).join("\n\n")
  return {
    requests: Array.from({ length: chunks }, (_, chunk) => ({
      prompt: 0,
      request: { task: "diverge", text, chunk },
    })),
    score: scoreDivergence,
  }
}
