/** A word that is ours alone, and what to write instead. */
export interface Replaced {
  readonly word: string
  readonly replacement: string
}

/** The words of the glossary's second table. */
export const glossaryWords = (glossary: string): ReadonlyArray<Replaced> =>
  [...glossary.slice(glossary.indexOf("## Words to replace")).matchAll(/^\| ([^|:*]+?) +\| ([^|]+?) +\|$/gm)]
    .slice(1)
    .flatMap(([, words, replacement]) => words!.split(", ").map((word) => ({ word, replacement: replacement! })))
    // A longer phrase comes first: it says more than a word inside it.
    .toSorted((a, b) => b.word.length - a.word.length)

/** Comments and texts. */
const TS = /\/\*[\s\S]*?\*\/|(?<=^|[\s,;(){}])\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/gm
const PYTHON = /"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*/gm

const blank = (text: string): string => text.replaceAll(/[^\n]/g, " ")

/** The parts of a file that people read, at their places: of code its comments and texts. */
export const prose = (file: string, text: string): string => {
  if (file.endsWith(".md"))
    return text
      .replaceAll(/<!-- begin [\s\S]*?<!-- end .*?-->/g, blank)
      .replaceAll(/^```[\s\S]*?^```/gm, blank)
      .replaceAll(/`[^`\n]*`/g, blank)
  const parts = file.endsWith(".ts") ? TS : file.endsWith(".py") ? PYTHON : undefined
  if (parts === undefined) return text
  let at = 0
  let out = ""
  for (const match of text.matchAll(parts)) {
    out += blank(text.slice(at, match.index)) + match[0].replaceAll(/\$\{[^}]*\}/g, blank)
    at = match.index + match[0].length
  }
  return out + blank(text.slice(at))
}

/** The replaced words in a text, each with its line, in their order. */
export const privateWords = (
  text: string,
  words: ReadonlyArray<Replaced>,
): ReadonlyArray<Replaced & { readonly line: number }> => {
  const byWord = new Map(words.map((one) => [one.word, one]))
  const pattern = new RegExp(
    `(?<![\\w'-])(?:${words.map(({ word }) => word.replaceAll(" ", "\\s+(?:\\* )?")).join("|")})(?![\\w-])`,
    "gi",
  )
  return [...text.matchAll(pattern)].map(({ 0: found, index }) => ({
    ...byWord.get(found.toLowerCase().replaceAll(/\s+(\* )?/g, " "))!,
    line: text.slice(0, index).split("\n").length,
  }))
}
