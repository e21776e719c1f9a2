import { stripVTControlCharacters } from "node:util"

/**
 * Control characters except line breaks, marks that change the writing direction, invisible characters, halves of
 * pairs.
 */
const INVISIBLE =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for.
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu

const codePoint = (character: string): string =>
  `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`

/**
 * Untrusted text made safe to display: characters that are invisible, or move their neighbours, are named: `[U+202E]`.
 */
export const visibleLines = (text: string): string => text.replace(/\r\n?/g, "\n").replace(INVISIBLE, codePoint)

/** The same in one line. */
export const visible = (text: string): string => visibleLines(text.replace(/[\t\r\n]+/g, " ").trim())

/** The same in lines that keep their tabs. What steers a terminal, such as a colour or a title, is taken out. */
export const plainLines = (text: string): string =>
  text.search(INVISIBLE) === -1 ? text : stripVTControlCharacters(text).split("\t").map(visibleLines).join("\t")
