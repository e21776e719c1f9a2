/** Five bytes each, held until the trial ends: texts are made before it begins, so that making them takes none of its time. */
const MOST_TOKENS = 2 ** 28

/** Why so many tokens of text can't be generated for one trial, and the field that causes it; `undefined` if they can. */
export const tooMuchText = (
  tokens: number,
  field = "requests",
): { readonly field: string; readonly detail: string } | undefined =>
  tokens <= MOST_TOKENS
    ? undefined
    : {
        field,
        detail: `a trial of it has about ${Math.round(tokens).toLocaleString("en")} tokens of generated text, and may have ${MOST_TOKENS.toLocaleString("en")}: request fewer or shorter ones`,
      }
