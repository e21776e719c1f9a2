import { Schema } from "effect"
import { PromptFile } from "./Prompts.ts"

/**
 * What people say of a dataset's texts. `retrieval`: which documents answer a query. `sts` (semantic textual similarity):
 * how alike they find two sentences. `tasks`: the right answer to a question.
 */
export const Measure = Schema.Literals(["retrieval", "sts", "tasks"])
export type Measure = typeof Measure.Type

/** The name of a file without its ending: it leads out of no folder. */
const DatasetName = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { message: "Expected the name of a dataset" }),
).annotate({ description: "A file of benchmarks/configs/datasets, without .jsonl" })

/** A dataset of the workspace by its name, or a file of one's own. */
export const DatasetSource = Schema.Union([DatasetName, PromptFile]).annotate({
  identifier: "DatasetSource",
  description: "The name of a dataset, or { file: … } for JSON lines of the workspace",
})

/** Texts, and what people say of them. */
export type Dataset =
  | {
      readonly measure: "retrieval"
      readonly queries: ReadonlyArray<string>
      /** Each text once; every query is compared with all of them. */
      readonly documents: ReadonlyArray<string>
      /** By query, the places of the documents that answer it: one at least. */
      readonly relevant: ReadonlyArray<ReadonlyArray<number>>
    }
  | {
      readonly measure: "sts"
      readonly pairs: ReadonlyArray<readonly [a: string, b: string]>
      /** By pair, how alike people find the two, on the dataset's own scale: only its order is used, so it has no unit. */
      readonly scores: ReadonlyArray<number>
    }
  | { readonly measure: "tasks"; readonly questions: ReadonlyArray<Question> }

/** A question whose right answer is known: one of its `choices`, or, without them, a text or a number. */
export interface Question {
  readonly question: string
  readonly answer: string
  /** 2 to 26 different ones, in the order of their letters. */
  readonly choices?: ReadonlyArray<string>
}

/** Queries, pairs or questions: what its figure is averaged, or drawn again, over. */
export const unitsOf = (dataset: Dataset): number => {
  if (dataset.measure === "tasks") return dataset.questions.length
  return dataset.measure === "retrieval" ? dataset.queries.length : dataset.pairs.length
}
