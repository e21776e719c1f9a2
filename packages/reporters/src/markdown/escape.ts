import { visibleLines } from "@rigbook/core"
import { stripVTControlCharacters } from "node:util"

/** Brackets too: not every renderer sees the backslash before one. */
const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "[": "&#91;",
  "]": "&#93;",
}

/**
 * Any text as one line of markdown that shows exactly that text: no HTML, no formatting, no link, no line breaks; what
 * is invisible or changes the writing direction is named. An underscore inside a word stays as it is (`Q4_K_M`),
 * since it can't begin emphasis there.
 */
export const text = (value: string): string => {
  if (value.length > LONGEST) return escaped(value)
  const known = shown.get(value)
  if (known !== undefined) return known
  const made = escaped(value)
  if (shown.size === MOST) shown.clear()
  shown.set(value, made)
  return made
}

/** A large registry shows some thousand texts a million times. */
const shown = new Map<string, string>()
const MOST = 10_000
/** Characters of a text that is kept. */
const LONGEST = 200

/** What GitHub turns into a link anywhere. */
const LINKS = /:(?=\/\/)|(?<=\bwww)\./gi

const escaped = (value: string): string =>
  visibleLines(
    value
      .toWellFormed()
      // oxlint-disable-next-line no-control-regex -- control characters are what is taken out.
      .replace(/[\s\u0000-\u001f\u007f-\u009f]+/gu, " ")
      .trim(),
  )
    .replace(/[\\`*~#$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, String.raw`\$&`)
    .replace(/[&<>[\]]/g, (character) => ENTITIES[character]!)
    .replace(LINKS, (character) => (character === ":" ? "&#58;" : "&#46;"))

/** The same as a sentence, ended by a full stop unless it has an end. */
export const sentence = (value: string): string => text(value).replace(/(?<![.!?])$/, ".")

/** A link to a file, whose path can't close the link or name a scheme. */
export const link = (label: string, path: string): string => `[${text(label)}](${href(path)})`

/** A path encoded for a link, and for a fragment. */
export const href = (path: string): string =>
  path
    .toWellFormed()
    .split("/")
    .map((segment) => encodeURIComponent(segment).replace(/[()'*!~]/g, percentEncoded))
    .join("/")

const percentEncoded = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`

/** Lines in a code block whose fence is longer than any run of backticks inside it. Colours are taken out. */
export const fenced = (lines: ReadonlyArray<string>): string => {
  const content = stripVTControlCharacters(lines.join("\n"))
  const longest = Math.max(2, ...(content.match(/`+/g) ?? []).map(({ length }) => length))
  const fence = "`".repeat(longest + 1)
  return `${fence}text\n${content}\n${fence}`
}

/** Sections or paragraphs, separated by an empty line; empty ones are left out. */
export const blocks = (...parts: ReadonlyArray<string>): string => parts.filter((part) => part !== "").join("\n\n")

/** The same for as many as a file has, each when its turn comes, and the line break at the file's end. */
export function* blocksInTurn(parts: Iterable<string>): Generator<string> {
  let between = ""
  for (const part of parts) {
    if (part === "") continue
    yield between
    yield part
    between = "\n\n"
  }
  yield "\n"
}

/** A list with one item a line. */
export const list = (items: ReadonlyArray<string>): string => items.map((item) => `- ${item}`).join("\n")
