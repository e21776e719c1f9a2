import { stripVTControlCharacters } from "node:util"

/** Columns of the terminal that results are shown on; elsewhere those that COLUMNS says, or 80. */
export const columns = (): number => process.stdout.columns ?? (Number(process.env["COLUMNS"]) || 80)

/** Words on lines of at most `width` characters; those after the first are indented. A longer word has a line of its own. */
export const wrapped = (words: ReadonlyArray<string>, width: number, indent: string, gap = " "): string => {
  const lines: Array<string> = []
  for (const word of words) {
    const last = lines.at(-1)
    const longer = last === undefined ? word : `${last}${gap}${word}`
    if (last === undefined) lines.push(word)
    else if (widthOf(longer) <= width) lines[lines.length - 1] = longer
    else lines.push(`${indent}${word}`)
  }
  return lines.join("\n")
}

const HEAD = 19

/** A line that says what one thing is: `  placement        layer: cuda:0 + cuda:1`. */
export const field = (name: string, text: string, width: number): string =>
  wrapped([`  ${name}`.padEnd(HEAD - 1 + (name.length - widthOf(name))), ...text.split(" ")], width, " ".repeat(HEAD))

/** Characters without colours. */
export const widthOf = (text: string): number => stripVTControlCharacters(text).length
