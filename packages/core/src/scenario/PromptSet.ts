import type { Dataset } from "./Dataset.ts"
import type { Prompt } from "./Request.ts"
import type { TraceRequest } from "./Trace.ts"

/** The same questions for every model: a file of benchmarks/configs/prompts, or one of the workspace's own. */
export interface PromptSet {
  readonly name: string
  /** From the workspace's root, if it is not one of the sets. */
  readonly file?: string
  readonly license: string
  /** Of the file's text: another set makes another cell. */
  readonly sha256: string
  readonly prompts: ReadonlyArray<Prompt>
  /** Requests of a trace, which has lengths and arrivals in place of prompts. */
  readonly trace?: ReadonlyArray<TraceRequest>
  /** What quality is measured on, in place of prompts; `scores` of pairs are on its own scale. */
  readonly dataset?: Dataset
  /** Of its texts, as its file has it. */
  readonly language?: string
}
