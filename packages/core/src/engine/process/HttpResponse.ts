import type { Buffer } from "node:buffer"

export interface ResponseHead {
  readonly status: number
  /** By names in lower case. A repeated name has both values, separated by a comma. */
  readonly headers: ReadonlyMap<string, string>
}

export interface ResponseHandler {
  readonly head: (head: ResponseHead) => void
  /**
   * A piece of the body, valid only until this returns: the next read overwrites it. `first`: nothing of the
   * answer came before it in this read, so its own bytes were waiting when the connection was read.
   */
  readonly data: (bytes: Buffer, start: number, end: number, first: boolean) => void
  /** `keepAlive`: whether the connection may be used again. */
  readonly end: (keepAlive: boolean) => void
}

export interface ResponseReader {
  /** Bytes of the connection, as they arrive. Anything but HTTP is an error. */
  readonly read: (bytes: Buffer, length: number) => void
  /** The connection was closed by the server. Returns whether this ended the answer; else it was incomplete. */
  readonly closed: () => boolean
}

/** No engine answers with a longer head. */
const HEAD_BYTES = 65_536

/** Answers such as `100 Continue`, of which there is usually one or none. */
const MOST_INTERIM = 32

/** What the reader waits for. */
type Part = "head" | "size" | "chunk" | "chunk-end" | "trailer" | "body" | "rest" | "done"

const CR = 13
const LF = 10

/**
 * Reads one answer to a POST or a GET in HTTP/1.1, with any framing: chunked, with a given length, or until the
 * connection closes. Bytes may be cut anywhere, and no byte of a body is copied. Source: RFC 9112, sections 4 to 7.
 */
export const makeResponseReader = (handler: ResponseHandler): ResponseReader => {
  let part: Part = "head"
  let head = ""
  let left = 0
  let digits = 0
  let lineLength = 0
  let keepAlive = true
  let first = true
  let interim = 0

  const end = (): void => {
    part = "done"
    handler.end(keepAlive)
  }

  /** Returns where the body begins, or the end if the head is not yet complete. */
  const readHead = (bytes: Buffer, length: number): number => {
    const before = head.length
    head += bytes.toString("latin1", 0, length)
    const { index, 0: blank } = /\r?\n\r?\n/.exec(head) ?? { index: -1, 0: "" }
    if (index === -1) {
      if (head.length > HEAD_BYTES) throw new Error(`sent a head of more than ${HEAD_BYTES} bytes`)
      return length
    }
    const text = head.slice(0, index)
    const body = index + blank.length - before
    head = ""
    const parsed = parseHead(text)
    if (parsed.status >= 200) begin(parsed)
    else if (++interim > MOST_INTERIM) throw new Error(`sent more than ${MOST_INTERIM} interim answers`)
    return body
  }

  const begin = ({ headers, persistent, status }: ParsedHead): void => {
    keepAlive = persistent
    const coding = headers.get("transfer-encoding")
    const reported = headers.get("content-length")
    left = 0
    if (coding !== undefined) {
      if (!/(?:^|,)\s*chunked$/i.test(coding)) throw new Error(`sent a body coded as ${coding}`)
      part = "size"
    } else if (reported !== undefined || status === 204 || status === 304) {
      if (reported !== undefined && !/^\d{1,15}$/.test(reported))
        throw new Error(`sent a content length of ${reported}`)
      part = "body"
      left = status === 204 || status === 304 ? 0 : Number(reported)
    } else part = "rest"
    first = false
    handler.head({ headers, status })
    if (part === "body" && left === 0) end()
  }

  const read = (bytes: Buffer, length: number): void => {
    let at = 0
    first = true
    while (at < length) {
      switch (part) {
        case "head":
          at = readHead(at === 0 ? bytes : (bytes.subarray(at) as Buffer), length - at) + at
          break
        case "size": {
          const byte = bytes[at++]!
          const digit = hexDigit(byte)
          if (digit !== -1 && lineLength === digits) {
            left = left * 16 + digit
            digits++
          }
          lineLength++
          if (byte !== LF) break
          if (digits === 0 || digits > 12) throw new Error("sent a chunk without a size")
          part = left === 0 ? "trailer" : "chunk"
          lineLength = 0
          break
        }
        case "chunk":
        case "body": {
          const taken = Math.min(left, length - at)
          handler.data(bytes, at, at + taken, first)
          first = false
          at += taken
          left -= taken
          if (left > 0) break
          if (part === "body") end()
          else part = "chunk-end"
          break
        }
        case "chunk-end": {
          const byte = bytes[at++]!
          if (byte === LF) {
            part = "size"
            left = digits = 0
          } else if (byte !== CR) throw new Error("sent a chunk that is longer than its size")
          break
        }
        case "trailer": {
          const byte = bytes[at++]!
          if (byte === LF && lineLength === 0) end()
          else if (byte === LF) lineLength = 0
          else if (byte !== CR) lineLength++
          break
        }
        case "rest":
          handler.data(bytes, at, length, first)
          at = length
          break
        case "done":
          throw new Error("sent more than its answer")
      }
    }
  }

  return {
    read,
    closed: () => {
      keepAlive = false
      if (part === "rest") end()
      return part === "done"
    },
  }
}

interface ParsedHead extends ResponseHead {
  readonly persistent: boolean
}

const parseHead = (text: string): ParsedHead => {
  const [first = "", ...lines] = text.split(/\r?\n/)
  const { 1: minor, 2: status } = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/.exec(first) ?? []
  if (status === undefined)
    throw new Error(`answered with something other than HTTP: ${JSON.stringify(first.slice(0, 100))}`)
  const headers = new Map<string, string>()
  for (const line of lines) {
    const { 1: name, 2: value } = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined || value === undefined)
      throw new Error(`sent an invalid header: ${JSON.stringify(line.slice(0, 100))}`)
    const key = name.toLowerCase()
    const before = headers.get(key)
    headers.set(key, before === undefined ? value : `${before}, ${value}`)
  }
  const connection = headers.get("connection")
  const persistent = minor === "1" ? !has(connection, "close") : has(connection, "keep-alive")
  return { status: Number(status), headers, persistent }
}

const has = (list: string | undefined, word: string): boolean =>
  list !== undefined && list.split(",").some((item) => item.trim().toLowerCase() === word)

const hexDigit = (byte: number): number => {
  if (byte >= 48 && byte <= 57) return byte - 48
  const lower = byte | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}
