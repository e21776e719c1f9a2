import { isBatch, type PromptSet, type Scenario } from "@rigbook/core"

/** Characters of a token, by no tokenizer: English has 4 to 5, Spanish 3 to 4. */
const CHARACTERS = 3.5

/** The texts of one call: those of the set, again and again. */
export const textsOf = ({ prompts }: PromptSet, scenario: Scenario): ReadonlyArray<string> => {
  const count = isBatch(scenario) ? Math.min(scenario.documents, prompts.length) : prompts.length
  return prompts
    .slice(0, count)
    .map((prompt) => ("text" in prompt ? prompt.text : prompt.messages.map(({ content }) => content).join("\n")))
}

/** Tokens of the longest text, with the two that enclose it: a batch is as long as that for each of its texts. */
export const longestOf = (texts: ReadonlyArray<string>): number =>
  Math.ceil(texts.reduce((most, { length }) => Math.max(most, length), 0) / CHARACTERS) + 2

/** Different words and marks. */
export const wordsOf = (texts: ReadonlyArray<string>): number =>
  new Set(texts.flatMap((text) => text.toLowerCase().match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [])).size
