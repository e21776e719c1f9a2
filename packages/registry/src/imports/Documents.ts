import { Predicate, Result } from "effect"

type Document = Record<string, unknown>

/** The text of a file: UTF-8, or UTF-16 as PowerShell writes it. */
export const textOfBytes = (bytes: Uint8Array): Result.Result<string, string> => {
  const encoding = encodingOf(bytes)
  return Result.try({
    try: () => new TextDecoder(encoding, { fatal: true }).decode(bytes),
    catch: () => `its bytes are not ${encoding.toUpperCase()}`,
  })
}

const encodingOf = ([first, second]: Uint8Array): string => {
  if ((first === 0xff && second === 0xfe) || (first !== undefined && first !== 0 && second === 0)) return "utf-16le"
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8"
}

/**
 * The documents of a text: one, an array, JSON lines, or several one after the other, as tools append them.
 * Python writes NaN and Infinity, which JSON does not have: they become texts. Fails with what is not JSON.
 */
export const documentsOf = (text: string): Result.Result<ReadonlyArray<Document>, string> => {
  const whole = valueOf(text)
  const parsed: Array<unknown> = []
  for (const { at, part } of whole === undefined ? partsOf(text) : []) {
    const value = valueOf(part)
    if (value === undefined) return Result.fail(brokenAt(text, at))
    parsed.push(value.json)
  }
  const values = (whole === undefined ? parsed : [whole.json]).flat()
  return Result.succeed(values.filter((value): value is Document => Predicate.isObject(value)))
}

const brokenAt = (text: string, at: number): string => {
  const what = "it is neither JSON nor JSON lines"
  if (!/^\s*[[{]/.test(text)) return what
  return `${what}: what begins in line ${text.slice(0, at).split("\n").length} is incomplete or invalid`
}

const TEXT = /"(?:[^"\\]|\\[^])*"/.source
const BRACKETS = new RegExp(`${TEXT}|[[\\]{}]`, "g")
const NUMBERS = new RegExp(`${TEXT}|-?\\bInfinity\\b|\\bNaN\\b`, "g")

/** Where the outermost brackets open and close; what is outside of all is a separate part. */
const partsOf = (text: string) => {
  const parts: Array<{ readonly part: string; readonly at: number }> = []
  let depth = 0
  let from = 0
  const push = (to: number) => {
    const part = text.slice(from, to)
    if (part.trim() !== "") parts.push({ part, at: from + part.search(/\S/) })
    from = to
  }
  for (const { 0: bracket, index } of text.matchAll(BRACKETS)) {
    if (bracket === "{" || bracket === "[") depth++
    else if (bracket === "}" || bracket === "]") {
      depth--
      if (depth === 0) push(index + 1)
    }
  }
  push(text.length)
  return parts
}

const valueOf = (part: string): { readonly json: unknown } | undefined => {
  try {
    return { json: JSON.parse(/NaN|Infinity/.test(part) ? part.replace(NUMBERS, quoted) : part) }
  } catch {
    return undefined
  }
}

const quoted = (found: string): string => (found.startsWith('"') ? found : `"${found}"`)
