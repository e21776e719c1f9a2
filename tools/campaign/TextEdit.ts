import type { Draws } from "./Draws.ts"

/** One change of a file's text: at a share of its length, so that it fits any text. */
export interface TextEdit {
  readonly how: (typeof WAYS)[number]
  /** From 0 to 999, of a thousand. */
  readonly at: number
  readonly size: number
}

const WAYS = [
  "cut",
  "insert",
  "digit",
  "drop-line",
  "repeat-line",
  "swap-lines",
  "noise",
  "nul",
  "bom",
  "crlf",
] as const

export const drawEdit = ({ int, pick }: Draws): TextEdit => ({
  how: pick(WAYS),
  at: int(0, 999),
  size: pick([1, 3, 100]),
})

/** What is inserted: what ends, opens or hides something in YAML, JSON, Markdown or a terminal. */
const PIECES = [
  '"',
  "'",
  "}",
  "[",
  "\t",
  "\n",
  "---\n",
  "&a ",
  "*a",
  "<<: ",
  "\u001b[2J",
  "\ufffd",
  "\u2028",
  "# ",
  "e99",
]

export const edited = (text: string, { at, how, size }: TextEdit): string => {
  const place = Math.floor((text.length * at) / 1000)
  const lines = text.split("\n")
  const line = Math.floor((Math.max(1, lines.length - 1) * at) / 1000)
  switch (how) {
    case "cut":
      return text.slice(0, place)
    case "insert":
      return text.slice(0, place) + PIECES[(at + size) % PIECES.length]! + text.slice(place)
    case "digit":
      return changedDigit(text, place)
    case "drop-line":
      return lines.toSpliced(line, size).join("\n")
    case "repeat-line":
      return lines.toSpliced(line, 0, lines[line]!).join("\n")
    case "swap-lines":
      return lines.toSpliced(line, 2, ...lines.slice(line, line + 2).toReversed()).join("\n")
    case "noise":
      return text.slice(0, place) + "\u0000\u0007\u001b\u009b\u202e".repeat(size) + text.slice(place)
    case "nul":
      return text.slice(0, place) + "\u0000".repeat(size) + text.slice(place + size)
    case "bom":
      return `\ufeff${text}`
    case "crlf":
      return text.replaceAll("\n", "\r\n")
  }
}

/** The first digit from a place on, if there is one, is another one. */
const changedDigit = (text: string, place: number): string => {
  const found = /\d/.exec(text.slice(place))
  if (found === null) return text
  const at = place + found.index
  return text.slice(0, at) + String((Number(text[at]) + 1) % 10) + text.slice(at + 1)
}
