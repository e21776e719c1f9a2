import { Effect, type Scope } from "effect"
import { Pool, type Dispatcher } from "undici"
import type { GenerateRequest, Observer } from "../workload/Request.ts"
import { makeCompletionReader, type StreamedCompletion } from "./CompletionReader.ts"
import { HttpFailure } from "./HttpFailure.ts"

/** A client of one OpenAI-style server. Deadlines are the caller's: nothing here times out. */
export interface OpenAiClient {
  readonly getJson: (path: string) => Effect.Effect<unknown, HttpFailure>
  /** For what is not JSON, such as metrics in Prometheus' format, or an empty answer. */
  readonly getText: (path: string) => Effect.Effect<string, HttpFailure>
  readonly postJson: (path: string, body: unknown) => Effect.Effect<unknown, HttpFailure>
  /** Streams a completion (for a text) or a chat completion (for messages); `extra` joins the body. */
  readonly stream: (
    request: GenerateRequest,
    model: string,
    extra: Readonly<Record<string, unknown>>,
    observer: Observer,
  ) => Effect.Effect<StreamedCompletion, HttpFailure>
}

/** How a client keeps its connections. */
export interface OpenAiClientOptions {
  /**
   * Keep connections from one request to the next, as many as there are requests at once. Only for servers that
   * keep their word: llama-server promises to keep one after a stream, and then closes it.
   */
  readonly keepAlive?: boolean
}

/** A server that somebody else has started, mostly elsewhere. */
export interface OpenAiEndpoint {
  /** What comes before `/v1`. */
  readonly url: string
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>
}

/** A client of the server on this port of loopback, or of another's. */
export const openAiClient = (
  server: number | OpenAiEndpoint,
  { keepAlive = false }: OpenAiClientOptions = {},
): Effect.Effect<OpenAiClient, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => connect(server, keepAlive)),
      ({ pool }) => Effect.promise(() => pool.destroy()),
    ),
    (client) => ({
      getJson: (path) => json(client, path, { method: "GET", path }),
      getText: (path) => dispatch(client, { method: "GET", path }, () => {}),
      postJson: (path, body) => json(client, path, post(path, body)),
      stream: (request, model, extra, observer) => stream(client, request, model, extra, observer),
    }),
  )

interface Client {
  readonly pool: Pool
  /** Before each path. */
  readonly base: string
  readonly headers: Readonly<Record<string, string>>
}

const connect = (server: number | OpenAiEndpoint, keepAlive: boolean): Client => {
  const { headers, url } = typeof server === "number" ? { headers: {}, url: `http://127.0.0.1:${server}` } : server
  const { origin, pathname } = new URL(url)
  // Deadlines belong to the run, not to the transport.
  const pool = new Pool(origin, { headersTimeout: 0, bodyTimeout: 0, pipelining: keepAlive ? 1 : 0 })
  return { pool, base: pathname.replace(/\/+$/, ""), headers }
}

interface HttpRequest {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const post = (path: string, body: unknown, id?: string): HttpRequest => ({
  method: "POST",
  path,
  headers: { "content-type": "application/json", ...(id === undefined ? {} : { "x-request-id": id }) },
  body: JSON.stringify(body),
})

const json = (client: Client, path: string, options: HttpRequest): Effect.Effect<unknown, HttpFailure> =>
  dispatch(client, options, () => {}).pipe(
    Effect.flatMap((body) =>
      Effect.try({
        try: () => JSON.parse(body) as unknown,
        catch: () =>
          new HttpFailure({
            path,
            kind: "malformed",
            detail: `answered with text that is no JSON: ${body.slice(0, 200)}`,
          }),
      }),
    ),
  )

const stream = (
  client: Client,
  request: GenerateRequest,
  model: string,
  extra: Readonly<Record<string, unknown>>,
  observer: Observer,
): Effect.Effect<StreamedCompletion, HttpFailure> =>
  Effect.suspend(() => {
    const chat = "messages" in request.prompt
    const path = chat ? "/v1/chat/completions" : "/v1/completions"
    const reader = makeCompletionReader(observer)
    const body = {
      model,
      ...("messages" in request.prompt ? { messages: request.prompt.messages } : { prompt: request.prompt.text }),
      max_tokens: request.outputTokens,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
      ...extra,
    }
    return dispatch(client, post(path, body, request.id), observer.sent, reader.read).pipe(
      Effect.flatMap(() => {
        const ended = reader.end()
        return "kind" in ended ? Effect.fail(new HttpFailure({ path, ...ended })) : Effect.succeed(ended)
      }),
    )
  })

/** Sends one request and gives the whole body, or hands it to `onData` piece by piece. Interruption aborts it. */
const dispatch = (
  client: Client,
  options: HttpRequest,
  onSent: () => void,
  onData?: (bytes: Uint8Array) => void,
): Effect.Effect<string, HttpFailure> =>
  Effect.callback((resume) => {
    let controller: Dispatcher.DispatchController | undefined
    let interrupted = false
    let status = 0
    let type = ""
    let retryAfterS: number | undefined
    const kept: Array<Uint8Array> = []
    let streams = false
    const fail = (failure: Pick<HttpFailure, "kind" | "status" | "retryAfterS" | "detail">) =>
      resume(Effect.fail(new HttpFailure({ path: options.path, ...failure })))
    const { base, headers, pool } = client
    pool.dispatch(
      { ...options, path: base + options.path, headers: { ...options.headers, ...headers } },
      {
        onRequestStart: (started) => {
          controller = started
          if (interrupted) return started.abort(new Error("interrupted"))
          onSent()
        },
        onResponseStart: (_, code, headers) => {
          status = code
          type = String(headers["content-type"] ?? "")
          retryAfterS = retryAfter(headers["retry-after"])
          streams = onData !== undefined && status < 300 && (type === "" || /event-stream/i.test(type))
        },
        onResponseData: (_, bytes) => {
          if (streams) onData!(bytes)
          else kept.push(Uint8Array.from(bytes)) // a copy: slices would pin the socket's read buffers
        },
        onResponseEnd: () => {
          const body = Buffer.concat(kept).toString("utf8")
          if (status >= 300)
            fail({
              kind: "refused",
              status,
              detail: body.slice(0, 2000),
              ...(retryAfterS === undefined ? {} : { retryAfterS }),
            })
          else if (onData !== undefined && !streams)
            fail({ kind: "wrong-type", detail: `answered with ${type}, not with events: ${body.slice(0, 200)}` })
          else resume(Effect.succeed(body))
        },
        onResponseError: (_, error) => {
          const kind =
            controller === undefined
              ? "unreachable"
              : status === 0
                ? "no-answer"
                : "code" in error && error.code === "ECONNRESET"
                  ? "reset"
                  : "truncated"
          fail({ kind, detail: error.message })
        },
      },
    )
    return Effect.sync(() => {
      interrupted = true // a request that still waits for its connection has no controller yet
      controller?.abort(new Error("interrupted"))
    })
  })

const retryAfter = (header: string | ReadonlyArray<string> | undefined): number | undefined => {
  const seconds = Number(header)
  return header === undefined || !Number.isFinite(seconds) ? undefined : seconds
}
