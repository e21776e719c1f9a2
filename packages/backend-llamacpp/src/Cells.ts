import type { ModelFacts, Task } from "@rigbook/core"
import { contextOf, roundedContext, ubatchOf, type Options } from "./Options.ts"

/** Tokens that one slot's cache has room for, in layers that see the whole context and in those with a window. */
export interface Cells {
  readonly context: number
  readonly window: number
}

/** Source: llama.cpp `src/llama-kv-cache-iswa.cpp`: a window keeps one forward pass of tokens beside its own. */
export const cellsOf = (model: ModelFacts, options: Options): Cells => {
  const context = contextOf(options, model)
  const { tokens } = model.slidingWindow ?? { tokens: 0 }
  const ubatch = passOf(model, options, "generate")
  return { context, window: tokens === 0 ? 0 : roundedContext(Math.min(context, tokens + ubatch)) }
}

/** Tokens of one forward pass: no more than all slots have room for. */
export const passOf = (model: ModelFacts, options: Options, task: Task): number =>
  Math.min(ubatchOf(options, model, task), contextOf(options, model) * options.parallel)
