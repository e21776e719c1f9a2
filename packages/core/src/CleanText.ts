import { masked } from "./Secrets.ts"
import { plainLines, visibleLines } from "./Visible.ts"

/** What a program says, as records keep it: without secrets and without what steers a terminal. Empty only if it was. */
export const cleanText = (text: string): string => masked(plainLines(text)) || visibleLines(text)
