import { masked } from "@rigbook/core"

/** What stands for a name. */
const NAME = "masked"

/** What is never masked: packed numbers and hashes are no text, though they may look like paths or keys. */
const PACKED = /("(?:base64|chunkMs|sha256|textSha256)":\s*"[^"]*")/
/** Versions of libraries look like addresses. */
const VERSIONS = /("libraries":\s*\{[^{}]*\})/

/** A person's folder, whatever it directly follows in a log. */
const HOME = /\/(?:home|Users)\/[\p{L}\p{N}_.@+-]+(?:\/(?:[\p{L}\p{N}_.@+~-]+\/)*)?/gu
/** The first part of a path that is not this program's own cache, in a text or in JSON; the name of its file stays. */
const PATH =
  /(?<![\p{L}\p{N}_.$~/:…+=-])(?!\/v\d\/)(?:~(?!\/\.cache\/rigbook\b)|\$TMPDIR)?\/(?:[\p{L}\p{N}_.@+~-]+\/)+(?=[\p{L}\p{N}_.@+~-])/gu
/** What JSON writes for a line break and the like: it separates words, and its letters are no text. */
const BREAK = /((?<!\\)(?:\\\\)*\\(?:[bfnrt]|u[0-9a-fA-F]{4}))/
/** The same where JSON is quoted in JSON, as in a server's error: `\\n` is a break there, or a backslash before an "n". Text is masked by both readings. */
const QUOTED_BREAK = /((?<!\\)\\{2,}(?:[bfnrt]|u[0-9a-fA-F]{4}))/
const WINDOWS_JSON = /\b[A-Za-z]:(?:\\\\[\p{L}\p{N}_.@+~-]+)*\\\\(?=[\p{L}\p{N}_.@+~-])/gu
const WINDOWS = /\b[A-Za-z]:(?:\\{1,2}[\p{L}\p{N}_.@+~-]+)*\\{1,2}(?=[\p{L}\p{N}_.@+~-])/gu

const IPV4 = String.raw`(?!127\.|0\.0\.0\.0)(?:\d{1,3}\.){3}\d{1,3}`
/** Four numbers are an address where a port, a scheme, a user or a word says so. */
const ADDRESSES = [
  new RegExp(String.raw`(?<=//|@)${IPV4}(?![\d.])`, "g"),
  new RegExp(String.raw`(?<![\w.=-])${IPV4}(?=:\d)`, "g"),
  new RegExp(
    String.raw`(?<=\b(?:addr|address|at|from|host|inet|ip|listening|on|to)["']?[ :=]{1,3}["']?)${IPV4}(?![\w.])`,
    "gi",
  ),
  new RegExp(
    String.raw`(?<![\w.=-])(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01])|169\.254)(?:\.\d{1,3}){2,3}(?![\w.])`,
    "g",
  ),
  /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi,
  /(?<![\w:.])(?:fe80|f[cd][0-9a-f]{2}|[23][0-9a-f]{3})(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi,
]
const MAIL = /[\p{L}\p{N}_.+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu

/** The host of a URL, unless it is this machine or one that everybody knows. */
const URL_HOST =
  /(?<=\bhttps?:\/\/)(?!(?:localhost|127\.|0\.0\.0\.0|masked|\[::1\]|(?:[\w-]+\.)*(?:huggingface\.co|github\.com|githubusercontent\.com|pypi\.org|pytorch\.org|npmjs\.org|nvidia\.com|vllm\.ai)\b))[\p{L}\p{N}.-]+/gu

/** What a text is searched for: names of users and machines, as whole words in any case. */
export type Names = ReadonlyArray<string>

/**
 * JSON, lines of it, or a plain text (not `isJson`), as it may be published: without tokens, paths, addresses and these names. It is the
 * same when it is masked again, so a text that is not changed has nothing of the kind in it. Numbers stay: figures, times and
 * versions. Pure, but for the tokens that this process knows.
 */
export const published = (text: string, names: Names, isJson = true): string => {
  const words = names.length === 0 ? undefined : wordsOf(names)
  const clean = (part: string): string =>
    [
      masked,
      (one: string) => outside(VERSIONS, one, (rest) => ADDRESSES.reduce((all, form) => all.replace(form, NAME), rest)),
      (one: string) => one.replace(MAIL, NAME).replace(URL_HOST, NAME),
      (one: string) => one.replace(HOME, "…/").replace(PATH, "…/"),
      (one: string) => (words === undefined ? one : one.replace(words, NAME)),
    ].reduce((made, step) => step(made), part)
  return outside(PACKED, text, (part) => {
    // A private key has several lines.
    const whole = masked(part).replace(isJson ? WINDOWS_JSON : WINDOWS, "…/")
    if (!isJson) return clean(whole)
    const made = outside(BREAK, whole, clean)
    return QUOTED_BREAK.test(made) ? outside(QUOTED_BREAK, made, clean) : made
  })
}

/** Changes what is not matched by the one group of a pattern. */
const outside = (kept: RegExp, text: string, change: (part: string) => string): string =>
  text
    .split(kept)
    .map((part, at) => (at % 2 === 0 ? change(part) : part))
    .join("")

/** The names as whole words, but for keys of JSON, which say nothing of anybody. */
const wordsOf = (names: Names): RegExp => {
  const any = names
    .toSorted((a, b) => b.length - a.length)
    .map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"))
    .join("|")
  return new RegExp(`(?<![\\p{L}\\p{N}])(?!(?<=")(?:${any})":)(?:${any})(?![\\p{L}\\p{N}])`, "giu")
}
