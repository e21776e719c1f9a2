import type { Scored } from "@rigbook/core"

type Replied = Extract<Scored, { readonly measure: "tasks" }>["questions"][number]

/**
 * Whether a reply has the right answer; `undefined` if there is no answer in it, which is as wrong. Reasoning that ends with
 * `</think>` is not a part of it. With choices, letters are compared; without, the last numbers of both if the right answer
 * is a number, else both texts without case, punctuation and repeated spaces. Pure.
 */
export const isRight = ({ answer, choices, reply }: Replied): boolean | undefined => {
  const said = reply.replace(/^[^]*<\/think>/, "")
  if (choices !== undefined) return sameAs(answer, letterOf(said, choices))
  const number = isNumber(answer) ? lastNumber(answer) : undefined
  return number === undefined ? sameAs(plain(answer), plain(said) || undefined) : sameAs(number, lastNumber(said))
}

const sameAs = <A>(right: A, said: A | undefined): boolean | undefined =>
  said === undefined ? undefined : said === right

/** What may stand before a letter that begins a reply, and around one that is all of it. */
const MARKS = String.raw`[^\p{L}\p{N}]*`

/** Stands alone, and is no word: `A dog` at the beginning of a sentence. */
const LETTER = /(?<![\p{L}\p{N}'’])(?!(?<=(?:^|[.!?\n])[^\p{L}\p{N}]*)[AEIOUY]\s+\p{Ll})[A-Z](?![\p{L}\p{N}'’])/gu

const ALONE = new RegExp(`^${MARKS}([A-Z])${MARKS}$`, "iu")
const NOTHING = new RegExp(`^${MARKS}$`, "u")

/**
 * The letter of a choice that a reply begins with or, if it begins with none, the only one that it names: a capital letter
 * that no letter, digit or apostrophe stands beside. A vowel at the beginning of a sentence is a word if a space and a
 * small letter follow it. A reply of one letter alone may be small. One that repeats the list of choices names none.
 */
const letterOf = (reply: string, choices: number): string | undefined => {
  const last = String.fromCodePoint("A".codePointAt(0)! + choices - 1)
  const alone = ALONE.exec(reply)?.[1]?.toUpperCase()
  if (alone !== undefined) return alone <= last ? alone : undefined
  const found = [...reply.matchAll(LETTER)].filter(([letter]) => letter <= last)
  const [one, two] = found.filter(({ index }) => NOTHING.test(reply.slice(reply.lastIndexOf("\n", index) + 1, index)))
  if (one?.[0] === "A" && two?.[0] === "B") return undefined
  const first = found.find(({ index }) => NOTHING.test(reply.slice(0, index)))
  return first?.[0] ?? (new Set(found.map(([letter]) => letter)).size === 1 ? found[0]![0] : undefined)
}

/** `1234.5`, `1,234.5`, `1.234,5`, `−3`: a sign does not follow a letter or digit, as in `1990-1995`. */
const NUMBER = /(?:(?<![\p{L}\p{N}])[-−])?\d+(?:[.,]\d+)*/gu

const isNumber = (text: string): boolean => text.trim().replace(NUMBER, "") === ""

/** A mark that stands once is a decimal point or comma, except a comma before three digits; others separate thousands. */
const lastNumber = (text: string): number | undefined => {
  const found = text.match(NUMBER)?.at(-1)?.replace("−", "-")
  if (found === undefined) return undefined
  const marks: ReadonlyArray<string> = found.match(/[.,]/g) ?? []
  const mark = marks.at(-1)
  const isDecimal =
    mark !== undefined && marks.indexOf(mark) === marks.length - 1 && (marks.length > 1 || !/,\d{3}$/.test(found))
  const at = isDecimal ? found.lastIndexOf(mark) : found.length
  return Number(`${found.slice(0, at).replace(/[.,]/g, "")}.${found.slice(at + 1)}`)
}

const plain = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\p{P}+/gu, " ")
    .trim()
    .replace(/\s+/g, " ")
