import { Buffer } from "node:buffer"
import type { RequestFailureKind } from "../../runtime/FailureKind.ts"
import { AnswerTooLong, type ExchangeHandler, type HttpConnection, openConnection } from "./HttpConnection.ts"
import type { ResponseHandler } from "./HttpResponse.ts"
import { retryAfter } from "./RetryAfter.ts"

/** A server: the prefix of each path, and how requests are sent. */
export interface TransportOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly keepAlive: boolean
}

export interface HttpRequest {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Bytes that are read of the answer at most; `MOST_BYTES` if left out. */
  readonly most?: number
}

/** Lists of models, metrics, settings: the largest of any engine has some hundred kilobytes. */
export const MOST_BYTES = 16 * 2 ** 20
/** What is kept of a refusal, of which the first sentences are shown. */
const REFUSAL_BYTES = 8192

/** Why there is no complete answer: an HttpFailure, in the form passed between threads. */
export interface FailedRequest {
  readonly kind: RequestFailureKind
  readonly status?: number
  readonly retryAfterS?: number
  readonly detail: string
}

/** Where the bytes of an event stream go, as they arrive. */
export interface ByteSink {
  readonly sent: () => void
  readonly read: ResponseHandler["data"]
}

/** Sends requests over HTTP. Callbacks without Effect: it runs in any thread. Nothing here times out. */
export interface Transport {
  /**
   * Sends a request, and ends with its complete body: empty if `sink` takes it piece by piece, for which it must be
   * a stream of events. The returned function aborts the request; then `onEnd` is called with a failure, or has been
   * called.
   */
  readonly send: (request: HttpRequest, onEnd: (end: string | FailedRequest) => void, sink?: ByteSink) => () => void
  readonly close: () => Promise<void>
}

/**
 * Servers close a connection that has been idle for five seconds (uvicorn, Node): none is used when it may be about to
 * close.
 */
const IDLE_MS = 3000

interface Idle {
  readonly connection: HttpConnection
  readonly sinceMs: number
}

/**
 * Our own few lines of HTTP: everything between the socket and the clock is part of the measured times.
 * Undici here would cost the client 50 % more per token, and its garbage collection delays others.
 */
export const makeTransport = ({ headers, keepAlive, url }: TransportOptions): Transport => {
  const server = new URL(url)
  const base = server.pathname.replace(/\/+$/, "")
  const open = new Set<HttpConnection>()
  const idle: Array<Idle> = []
  const closed = (connection: HttpConnection): void => {
    open.delete(connection)
    const place = idle.findIndex((one) => one.connection === connection)
    if (place !== -1) idle.splice(place, 1)
  }
  const opened = (): HttpConnection => {
    const connection = openConnection(server, closed)
    open.add(connection)
    return connection
  }
  const kept = (): HttpConnection | undefined => {
    const last = idle.pop()
    if (last === undefined || performance.now() - last.sinceMs < IDLE_MS) return last?.connection
    for (const { connection } of [last, ...idle.splice(0)]) connection.destroy(new Error("idle"))
    return undefined
  }
  return {
    send: ({ body, headers: own, method, most = MOST_BYTES, path }, onEnd, sink) => {
      const sent = { host: server.host, ...own, ...headers, ...(keepAlive ? {} : { connection: "close" }) }
      const broken = Object.entries(sent).find((header) => header.some((text) => NO_HEADER.test(text)))
      if (broken !== undefined) {
        const name = broken[0].replace(NO_HEADER, "?")
        onEnd({
          kind: "unreachable",
          detail: `the header ${name} has a character that is not allowed in a header, such as a line break`,
        })
        return () => {}
      }
      const connection = kept() ?? opened()
      const free = (reusable: boolean): void => {
        if (reusable && keepAlive) idle.push({ connection, sinceMs: performance.now() })
        else connection.destroy(new Error("not kept"))
      }
      const request = requestText(`${method} ${base}${path} HTTP/1.1`, sent, body)
      return connection.exchange(request, exchange(onEnd, free, sink), most)
    },
    close: async () => {
      for (const connection of open) connection.destroy(new Error("the client was closed"))
    },
  }
}

// oxlint-disable-next-line no-control-regex -- they end a header, or the request
const NO_HEADER = /[\x00-\x08\x0a-\x1f\x7f]/

const requestText = (line: string, headers: Readonly<Record<string, string>>, body: string | undefined): string => {
  let head = `${line}\r\n`
  for (const name of Object.keys(headers)) head += `${name}: ${headers[name]}\r\n`
  return body === undefined ? `${head}\r\n` : `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** One request and its answer. `free` is called when the connection may be used again. */
const exchange = (
  onEnd: (end: string | FailedRequest) => void,
  free: (keepAlive: boolean) => void,
  sink: ByteSink | undefined,
): ExchangeHandler => {
  let sent = false
  let status = 0
  let type = ""
  let retryAfterS: number | undefined
  let streams = false
  const kept: Array<Uint8Array> = []
  let keptBytes = 0
  const refused = (): void =>
    onEnd({
      kind: "refused",
      status,
      detail: Buffer.concat(kept).toString("utf8").slice(0, 2000),
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
    })
  return {
    sent: () => {
      sent = true
      sink?.sent()
    },
    head: (head) => {
      status = head.status
      type = head.headers.get("content-type") ?? ""
      retryAfterS = retryAfter(head.headers.get("retry-after"), head.headers.get("date"), Date.now())
      streams = sink !== undefined && status < 300 && (type === "" || /event-stream/i.test(type))
    },
    data: (bytes, start, end, first) => {
      if (streams) sink!.read(bytes, start, end, first)
      else if (status < 300 || keptBytes < REFUSAL_BYTES) {
        kept.push(Uint8Array.prototype.slice.call(bytes, start, end)) // a copy: the bytes are only lent
        keptBytes += end - start
      }
    },
    end: (keepAlive) => {
      free(keepAlive)
      if (status >= 300) return refused()
      const body = Buffer.concat(kept).toString("utf8")
      if (sink !== undefined && !streams)
        onEnd({ kind: "wrong-type", detail: `answered with ${type}, not with events: ${body.slice(0, 200)}` })
      else onEnd(body)
    },
    failed: (error) => {
      if (error instanceof AnswerTooLong && status >= 300) return refused() // it says why, however long it goes on
      const reset = "code" in error && error.code === "ECONNRESET"
      const kind = !sent ? "unreachable" : status === 0 ? "no-answer" : reset ? "reset" : "truncated"
      onEnd({ kind, detail: error.message })
    },
  }
}
