import { Schema } from "effect"
import { Amount, listOf } from "../Amounts.ts"
import { marked } from "../Marked.ts"
import { CacheUse, Prompts, promptsName } from "../Prompts.ts"
import { CountRamp } from "../Ramp.ts"
import { rampIn, rungNumbers } from "../Rungs.ts"
import type { ScenarioKind } from "../ScenarioKind.ts"
import { textOf } from "../TextOf.ts"
import { tokensOfFirst } from "../TrialTokens.ts"

/** Documents turned into vectors, with a number per call and a number per forward pass. */
export const Batch = Schema.Struct({
  kind: Schema.Literal("batch"),
  prompts: Prompts,
  /** Documents of one call; the set is repeated when it is shorter. */
  documents: Amount,
  /** Documents of one forward pass. */
  batchSize: Amount,
  /**
   * By default each trial sends the set unchanged, to engines that cache no vectors; `fresh` is for servers that do: a
   * mark at its beginning, some tokens long, makes each document of each trial new.
   */
  cache: Schema.optionalKey(CacheUse),
}).annotate({ identifier: "Batch" })
export type Batch = typeof Batch.Type

/** In a config: each batch size of a list, or rung of a ramp, is a separate cell. */
export const BatchLadder = Schema.Struct({
  ...Batch.fields,
  /** Documents of one forward pass: one number, a list of them, or a ramp. */
  batchSize: Schema.Union([Amount, listOf(Amount), CountRamp]),
})

export const batch: ScenarioKind<Batch, typeof BatchLadder.Type> = {
  task: "embed",
  load: false,
  raised: {
    field: "batchSize",
    by: "batch",
    unit: "documents",
    saturates: true,
    head: "batch (documents)",
    plot: {
      title: "Batch ladders",
      about:
        "Each line joins runs that differ only in the size of their batch. Where it becomes flat, a larger batch only costs memory.",
    },
  },
  rungs: (ladder) => rungNumbers(ladder.batchSize, true).map((batchSize) => ({ ...ladder, batchSize })),
  ramp: ({ batchSize }) => rampIn(batchSize),
  prompts: ({ prompts }) => prompts,
  name: ({ batchSize, documents, prompts }) => `batch-${promptsName(prompts)}-${documents}x${batchSize}`,
  order: ({ batchSize, documents }) => [documents, batchSize],
  work: ({ batchSize, cache, documents }, { prompts }, round) => {
    const texts = Array.from({ length: documents }, (_, index) => {
      const prompt = prompts[index % prompts.length]!
      return textOf(cache === "fresh" ? marked(prompt, `${round} ${index}`) : prompt)
    })
    return { requests: [{ prompt: 0, request: { task: "embed", texts, batchSize } }] }
  },
  tokens: ({ documents }, { prompts }) => ({ read: tokensOfFirst(documents, prompts), written: 0 }),
}

/** A batch in a table: `100 × 32`, documents of a call by those of a forward pass. */
export const batchName = ({ batchSize, documents }: Batch): string => `${documents} × ${batchSize}`
