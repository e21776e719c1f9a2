import { createRequire } from "node:module"
import type { Dispatcher, Pool } from "undici"
import type { FailureKind } from "../workload/FailureKind.ts"
import { retryAfter } from "./RetryAfter.ts"

// The whole of undici takes three times as long to load, and twice the memory, in each thread.
const UndiciPool = createRequire(import.meta.url)("undici/lib/dispatcher/pool.js") as typeof Pool

/** A server, by what comes before each path, and how it is asked. */
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
}

/** Why there is no whole answer: an HttpFailure, as it goes from thread to thread. */
export interface FailedRequest {
  readonly kind: FailureKind
  readonly status?: number
  readonly retryAfterS?: number
  readonly detail: string
}

/** Where the bytes of an event stream go, as they come. */
export interface ByteSink {
  readonly sent: () => void
  readonly read: (bytes: Uint8Array) => void
}

/** Sends requests over HTTP. Callbacks, and nothing of Effect: it runs in any thread. Nothing here times out. */
export interface Transport {
  /**
   * Sends a request, and ends with its whole body: empty where `sink` takes it piece by piece, for which it has to be
   * a stream of events. What it gives aborts the request; then `onEnd` is called with a failure, or has been.
   */
  readonly send: (request: HttpRequest, onEnd: (end: string | FailedRequest) => void, sink?: ByteSink) => () => void
  readonly close: () => Promise<void>
}

export const makeTransport = ({ headers, keepAlive, url }: TransportOptions): Transport => {
  const { origin, pathname } = new URL(url)
  const base = pathname.replace(/\/+$/, "")
  // Deadlines belong to the run, not to the transport.
  const pool = new UndiciPool(origin, { headersTimeout: 0, bodyTimeout: 0, pipelining: keepAlive ? 1 : 0 })
  return {
    send: (request, onEnd, sink) => {
      const handler = exchange(onEnd, sink)
      pool.dispatch({ ...request, path: base + request.path, headers: { ...request.headers, ...headers } }, handler)
      return handler.abort
    },
    close: () => pool.destroy(),
  }
}

/** One request and its answer. */
const exchange = (onEnd: (end: string | FailedRequest) => void, sink: ByteSink | undefined) => {
  let controller: Dispatcher.DispatchController | undefined
  let aborted = false
  let status = 0
  let type = ""
  let retryAfterS: number | undefined
  let streams = false
  const kept: Array<Uint8Array> = []
  return {
    /** A request that still waits for its connection has no controller yet. */
    abort: (): void => {
      aborted = true
      controller?.abort(new Error("interrupted"))
    },
    onRequestStart: (started: Dispatcher.DispatchController): void => {
      controller = started
      if (aborted) return started.abort(new Error("interrupted"))
      sink?.sent()
    },
    onResponseStart: (
      _: unknown,
      code: number,
      headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>,
    ): void => {
      status = code
      type = String(headers["content-type"] ?? "")
      retryAfterS = retryAfter(headers["retry-after"], headers["date"], Date.now())
      streams = sink !== undefined && status < 300 && (type === "" || /event-stream/i.test(type))
    },
    onResponseData: (_: unknown, bytes: Uint8Array): void => {
      if (streams) sink!.read(bytes)
      else kept.push(Uint8Array.from(bytes)) // a copy: slices would pin the socket's read buffers
    },
    onResponseEnd: (): void => {
      const body = Buffer.concat(kept).toString("utf8")
      if (status >= 300)
        onEnd({
          kind: "refused",
          status,
          detail: body.slice(0, 2000),
          ...(retryAfterS === undefined ? {} : { retryAfterS }),
        })
      else if (sink !== undefined && !streams)
        onEnd({ kind: "wrong-type", detail: `answered with ${type}, not with events: ${body.slice(0, 200)}` })
      else onEnd(body)
    },
    onResponseError: (_: unknown, error: Error): void => {
      const kind =
        controller === undefined
          ? "unreachable"
          : status === 0
            ? "no-answer"
            : "code" in error && error.code === "ECONNRESET"
              ? "reset"
              : "truncated"
      onEnd({ kind, detail: error.message })
    },
  }
}
