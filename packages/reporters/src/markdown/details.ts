import { blocks } from "./escape.ts"

/** Sections that unfold under a line; nothing where there is none. `summary`: our own words, since nothing in it is markdown. */
export const details = (summary: string, ...parts: ReadonlyArray<string>): string => {
  const content = blocks(...parts)
  return content === "" ? "" : `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`
}
