import { Effect, type Scope } from "effect"
import { MOST_DEPTH } from "../../files/FileLimits.ts"
import { tooDeep } from "../../files/JsonDepth.ts"
import type { GenerateRequest, Observer } from "../../scenario/Request.ts"
import { ClientThreads } from "./ClientThreads.ts"
import type { StreamedCompletion } from "./CompletionReader.ts"
import { HttpFailure } from "./HttpFailure.ts"
import { streamRequest } from "./StreamRequest.ts"
import { startStreamThread, type StreamThread } from "./StreamThread.ts"
import { type FailedRequest, type HttpRequest, makeTransport, MOST_BYTES, type Transport } from "./Transport.ts"

/** A client of one OpenAI-style server. Deadlines are the caller's: nothing here times out. */
export interface OpenAiClient {
  readonly getJson: (path: string) => Effect.Effect<unknown, HttpFailure>
  /** For answers other than JSON, such as metrics in Prometheus' format, or an empty one. */
  readonly getText: (path: string) => Effect.Effect<string, HttpFailure>
  /** `most`: bytes that are read of the answer; 16 MiB if left out. */
  readonly postJson: (path: string, body: unknown, most?: number) => Effect.Effect<unknown, HttpFailure>
  /**
   * Streams a completion (for a text) or a chat completion (for messages); `extra` joins the body. For an observer
   * with `stamps` a separate thread reads the answer and writes the times.
   */
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
   * keep them open: llama-server announces keep-alive after a stream, and then closes the connection.
   */
  readonly keepAlive?: boolean
}

/** A server started by others, usually elsewhere. */
export interface OpenAiEndpoint {
  /** What comes before `/v1`. */
  readonly url: string
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>
}

/** A client of the server on this port of loopback, or of another's. */
export const openAiClient = Effect.fnUntraced(function* (
  server: number | OpenAiEndpoint,
  { keepAlive = false }: OpenAiClientOptions = {},
): Effect.fn.Return<OpenAiClient, never, Scope.Scope> {
  const endpoint = typeof server === "number" ? { headers: {}, url: `http://127.0.0.1:${server}` } : server
  const options = { ...endpoint, keepAlive }
  const threads = yield* ClientThreads
  const transport = yield* Effect.acquireRelease(
    Effect.sync(() => makeTransport(options)),
    (open) => Effect.promise(open.close),
  )
  let thread: StreamThread | undefined
  yield* Effect.addFinalizer(() => {
    if (thread === undefined) return Effect.void
    threads.delete(thread)
    return Effect.promise(thread.close)
  })
  const startedThread = (): StreamThread => {
    if (thread === undefined) threads.add((thread = startStreamThread(options)))
    return thread
  }
  return {
    getJson: (path) =>
      Effect.flatMap(Effect.flatMap(whole(transport, { method: "GET", path }), shallow(path)), parsed(path)),
    getText: (path) => whole(transport, { method: "GET", path }),
    postJson: (path, body, most = MOST_BYTES) =>
      Effect.flatMap(whole(transport, { ...post(path, body), most }), parsed(path)),
    stream: (request, model, extra, observer) =>
      Effect.callback((resume) => {
        const requested = completionRequest(request, model, extra)
        const end = (ended: StreamedCompletion | FailedRequest | Error): void =>
          resume(
            ended instanceof Error
              ? Effect.die(ended)
              : "kind" in ended
                ? failed(requested.path, ended)
                : Effect.succeed(ended),
          )
        const abort =
          observer.stamps === undefined
            ? streamRequest(transport, requested, observer, (reported) => end(reported()))
            : startedThread().send(requested, observer.stamps, end)
        return Effect.sync(abort)
      }),
  }
})

const post = (path: string, body: unknown, id?: string): HttpRequest => ({
  method: "POST",
  path,
  headers: { "content-type": "application/json", ...(id === undefined ? {} : { "x-request-id": id }) },
  body: JSON.stringify(body),
})

const completionRequest = (
  { id, outputTokens, prompt }: GenerateRequest,
  model: string,
  extra: Readonly<Record<string, unknown>>,
): HttpRequest => {
  const chat = "messages" in prompt
  const body = {
    model,
    ...(chat ? { messages: prompt.messages } : { prompt: prompt.text }),
    max_tokens: outputTokens,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
    ...extra,
  }
  const most = MOST_BYTES + outputTokens * TOKEN_BYTES
  return { ...post(chat ? "/v1/chat/completions" : "/v1/completions", body, id), most }
}

/** Of the event of one token: ten times what servers send. */
const TOKEN_BYTES = 4096

/** Sends one request and returns the complete body. Interruption aborts it. */
const whole = (transport: Transport, request: HttpRequest): Effect.Effect<string, HttpFailure> =>
  Effect.callback((resume) => {
    const end = (ended: string | FailedRequest): void =>
      resume(typeof ended === "string" ? Effect.succeed(ended) : failed(request.path, ended))
    return Effect.sync(transport.send(request, end))
  })

const malformed = (path: string, detail: string): HttpFailure => new HttpFailure({ path, kind: "malformed", detail })

const parsed = (path: string) => (body: string) =>
  Effect.try({
    try: () => JSON.parse(body) as unknown,
    catch: () => malformed(path, `answered with text that is not JSON: ${body.slice(0, 200)}`),
  })

/** What is said about a server is stored and compared; vectors, which are timed, are only read. */
const shallow = (path: string) => (body: string) =>
  tooDeep(Buffer.from(body), MOST_DEPTH) === undefined
    ? Effect.succeed(body)
    : Effect.fail(malformed(path, `answered with JSON that is nested more than ${MOST_DEPTH} deep`))

const failed = (path: string, failure: FailedRequest): Effect.Effect<never, HttpFailure> =>
  Effect.fail(new HttpFailure({ path, ...failure }))
