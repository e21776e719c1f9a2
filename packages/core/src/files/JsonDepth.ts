const QUOTE = 0x22
const BACKSLASH = 0x5c
const NEWLINE = 0x0a
/* A bracket and a brace differ in this bit. */
const CASE = 0x20
const OPEN = 0x7b
const CLOSE = 0x7d

/**
 * The line, from 1, in which JSON is nested deeper than `most`; `undefined` if none is. Parsers take any depth, but
 * whatever walks through their values runs out of stack. Pure.
 */
export const tooDeep = (json: Uint8Array, most: number): number | undefined => {
  let depth = 0
  let line = 1
  let quoted = false
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!
    if (quoted) {
      if (byte === BACKSLASH) at++
      else if (byte === QUOTE) quoted = false
    } else if (byte === QUOTE) quoted = true
    else if (byte === NEWLINE) line++
    else if ((byte | CASE) === OPEN) {
      if (++depth > most) return line
    } else if ((byte | CASE) === CLOSE) depth--
  }
  return undefined
}
