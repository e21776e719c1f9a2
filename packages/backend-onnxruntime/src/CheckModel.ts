import type { ModelFacts, OptionIssue } from "@rigbook/core"
import type { Options } from "./Options.ts"

/** Options that this model does not support, each with its path. */
export const checkModel = ({ maxLength }: Options, { positions = Infinity }: ModelFacts): ReadonlyArray<OptionIssue> =>
  maxLength !== undefined && maxLength > positions
    ? [{ path: ["maxLength"], message: `the model has ${positions} positions: use at most ${positions}` }]
    : []
