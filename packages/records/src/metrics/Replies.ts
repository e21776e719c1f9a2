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

const WORD = /[\p{L}\p{N}]+/gu
const APOSTROPHE = /['’]/
const SENTENCE_END = /[.!?\n]/

/** Whether a vowel that begins a sentence is a word, as in `A dog`. */
const isWord = (letter: string, after: string): boolean => /[AEIOUY]/.test(letter) && /^\s+\p{Ll}/u.test(after)

/**
 * The letter of a choice that a reply begins with or, if it begins with none, the only one that it names: a capital letter
 * that no letter, digit or apostrophe stands beside. A vowel at the beginning of a sentence is a word if a space and a
 * small letter follow it. A reply of one letter alone may be small. One that repeats the list of choices names none. In one
 * pass, for a server may reply anything.
 */
const letterOf = (reply: string, choices: number): string | undefined => {
  const last = String.fromCodePoint("A".codePointAt(0)! + choices - 1)
  const words = [...reply.matchAll(WORD)]
  const alone = words.length === 1 ? words[0]![0].toUpperCase() : ""
  if (/^[A-Z]$/.test(alone)) return alone <= last ? alone : undefined
  const named = new Set<string>()
  /** The letters that begin lines. */
  const list: Array<string> = []
  let first: string | undefined
  for (const [at, { 0: word, index }] of words.entries()) {
    const end = index + word.length
    if (!/^[A-Z]$/.test(word) || word > last || APOSTROPHE.test(reply.charAt(index - 1) + reply.charAt(end))) continue
    const before = at === 0 ? "\n" : reply.slice(words[at - 1]!.index + words[at - 1]![0].length, index)
    const after = reply.slice(end, (words[at + 1]?.index ?? end) + 1)
    if (SENTENCE_END.test(before) && isWord(word, after)) continue
    named.add(word)
    if (at === 0) first = word
    if (before.includes("\n")) list.push(word)
  }
  if (list[0] === "A" && list[1] === "B") return undefined
  return first ?? (named.size === 1 ? [...named][0] : undefined)
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
