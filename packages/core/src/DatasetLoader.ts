import type { Effect } from "effect"

/** Texts that quality is measured on, with what a person has to know of them. */
export interface LoadedDataset {
  readonly license: string
  /** Of its texts: `es`, or `en, es` of queries and documents. */
  readonly language?: string
  readonly description?: string
  /** In an order that is always the same. A query in several lines has several answers. */
  readonly lines:
    | ReadonlyArray<{ readonly query: string; readonly document: string }>
    | ReadonlyArray<{ readonly sentence1: string; readonly sentence2: string; readonly score: number }>
    | ReadonlyArray<{
        readonly question: string
        readonly answer: string
        readonly choices?: ReadonlyArray<string>
      }>
}

/** A plain value that makes datasets of what a package carries, or of files in a form of their own. */
export interface DatasetLoader {
  readonly id: string
  /** `part` says which one, in words of the loader's own, such as a pair of languages. Its error's message is shown. */
  readonly load: (part: string | undefined) => Effect.Effect<LoadedDataset, Error>
}
