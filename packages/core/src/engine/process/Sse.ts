import type { Buffer } from "node:buffer"

/**
 * Text of which each character is one byte (Latin-1). Server-sent events are cut and searched in this form:
 * decoding UTF-8 would cost more than everything else, and most of the text is only counted.
 */
export type ByteText = string

const BOM: ByteText = "\u00ef\u00bb\u00bf"

/** A hundred times the longest event of any server: its beginning is searched again with each read. */
const MOST_EVENT = 4 * 2 ** 20

export interface SseParser {
  /** Throws where an event has no end. Bytes from `start` to `end`, as they arrive. */
  readonly read: (bytes: Buffer, start?: number, end?: number) => void
  /** Whether the next byte begins an event. */
  readonly between: () => boolean
}

/**
 * A push parser for server-sent events: give it bytes as they arrive, and it calls `onData` with the data of each
 * event, undecoded. Line ends may be LF, CRLF or CR, and bytes may be cut anywhere. Comments and other
 * fields are skipped. Source: WHATWG HTML, "Interpreting an event stream".
 */
export const makeSseParser = (onData: (data: ByteText) => void): SseParser => {
  let rest: ByteText = ""
  let data: ByteText | undefined
  let afterCr = false
  let begun = false
  const line = (text: ByteText, start: number, end: number): void => {
    if (start === end) {
      if (data !== undefined) onData(data)
      data = undefined
    } else if (text.startsWith("data:", start) || (end - start === 4 && text.startsWith("data", start))) {
      const value = text.slice(Math.min(end, start + (text[start + 5] === " " ? 6 : 5)), end)
      data = data === undefined ? value : `${data}\n${value}`
    }
  }
  const read = (bytes: Buffer, from = 0, to = bytes.length): void => {
    let text: ByteText = rest + bytes.toString("latin1", from, to)
    if (!begun) {
      if (text.length < BOM.length && BOM.startsWith(text)) {
        rest = text
        return
      }
      begun = true
      if (text.startsWith(BOM)) text = text.slice(BOM.length)
    }
    let start = 0
    let cr = text.indexOf("\r")
    for (;;) {
      // The second half of a CRLF, which may come with later bytes: the line itself must not wait for it.
      if (afterCr && start < text.length) {
        if (text[start] === "\n") start++
        afterCr = false
      }
      if (cr !== -1 && cr < start) cr = text.indexOf("\r", start)
      const lf = text.indexOf("\n", start)
      const end = lf === -1 ? cr : cr === -1 ? lf : Math.min(lf, cr)
      if (end === -1) break
      line(text, start, end)
      afterCr = end === cr
      start = end + 1
    }
    rest = text.slice(start)
    if (rest.length + (data?.length ?? 0) > MOST_EVENT)
      throw new Error(`sent more than ${MOST_EVENT.toLocaleString("en")} bytes without the end of an event`)
  }
  return { read, between: () => rest === "" && data === undefined && !afterCr }
}
