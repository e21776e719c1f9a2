import { Effect, Predicate, Schema, type Scope } from "effect"
import { Pool, type Dispatcher } from "undici"
import type { Completion, GenerateRequest, Observer } from "../workload/Request.ts"
import { makeSseParser } from "./Sse.ts"

/** A request that a server refused, or an answer that broke off or was not to be understood. */
export class HttpFailure extends Schema.TaggedError<HttpFailure>()("HttpFailure", {
  path: Schema.String,
  /** Left out when there was no answer. */
  status: Schema.optionalKey(Schema.Int),
  detail: Schema.String,
}) {
  override get message(): string {
    return `${this.path}: ${this.status === undefined ? "" : `HTTP ${this.status}: `}${this.detail}`
  }
}

/** What a streamed completion ended with; `last` holds fields of the server's own beside the standard ones. */
export interface StreamedCompletion {
  readonly completion: Completion
  /** The merged top-level fields of all events but `choices`, such as llama.cpp's `timings`. */
  readonly last: Readonly<Record<string, unknown>>
}

/** A client of one OpenAI-style server on loopback. Deadlines are the caller's: nothing here times out. */
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

export const openAiClient = (port: number): Effect.Effect<OpenAiClient, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      // A connection for each request: llama-server promises to keep one after a stream, and then closes it.
      // Deadlines belong to the run, not to the transport.
      Effect.sync(() => new Pool(`http://127.0.0.1:${port}`, { headersTimeout: 0, bodyTimeout: 0, pipelining: 0 })),
      (client) => Effect.promise(() => client.destroy()),
    ),
    (client) => ({
      getJson: (path) => json(client, path, { method: "GET", path }),
      getText: (path) => dispatch(client, { method: "GET", path }, () => {}),
      postJson: (path, body) => json(client, path, post(path, body)),
      stream: (request, model, extra, observer) => stream(client, request, model, extra, observer),
    }),
  )

const post = (path: string, body: unknown): Dispatcher.DispatchOptions => ({
  method: "POST",
  path,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
})

const json = (client: Pool, path: string, options: Dispatcher.DispatchOptions): Effect.Effect<unknown, HttpFailure> =>
  dispatch(client, options, () => {}).pipe(
    Effect.flatMap((body) =>
      Effect.try({
        try: () => JSON.parse(body) as unknown,
        catch: () => new HttpFailure({ path, detail: `answered with text that is no JSON: ${body.slice(0, 200)}` }),
      }),
    ),
  )

const stream = (
  client: Pool,
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
    const parse = makeSseParser(reader.event)
    return dispatch(client, post(path, body), observer.sent, parse).pipe(
      Effect.flatMap(() => {
        const failure = reader.failure()
        return failure === undefined
          ? Effect.succeed(reader.result())
          : Effect.fail(new HttpFailure({ path, detail: failure }))
      }),
    )
  })

/**
 * Collects the events of one streamed completion. Plain callbacks: this is the hot path. A piece of text is one
 * token, unless the server counts them as they come (vLLM's `continuous_usage_stats`): then its count holds, for
 * a slow reader is sent several at once, and a token that is half a character is sent without text.
 */
const makeCompletionReader = (observer: Observer) => {
  const last: Record<string, unknown> = {}
  let counted = 0
  let text = ""
  let finish: Completion["finish"]
  let done = false
  let failure: string | undefined
  return {
    event: (data: string): void => {
      if (data === "[DONE]") {
        done = true
        return
      }
      let event: unknown
      try {
        event = JSON.parse(data)
      } catch {
        failure ??= `sent an event that is no JSON: ${data.slice(0, 200)}`
        return
      }
      if (!Predicate.isObject(event)) return
      if ("error" in event && event["error"] !== null) failure ??= `sent an error: ${JSON.stringify(event["error"])}`
      const { choices, ...rest } = event as Record<string, unknown>
      Object.assign(last, rest)
      const choice: unknown = Array.isArray(choices) ? choices[0] : undefined
      if (!Predicate.isObject(choice)) return
      const content = contentOf(choice)
      text += content
      const total = tokensSoFar(rest["usage"])
      const fresh = total === undefined ? Number(content !== "") : total - counted
      if (fresh > 0) {
        counted += fresh
        observer.chunk(fresh)
      }
      const reason = (choice as Record<string, unknown>)["finish_reason"]
      if (typeof reason === "string") finish = reason === "length" || reason === "stop" ? reason : "other"
    },
    failure: (): string | undefined =>
      failure ?? (done || finish !== undefined ? undefined : "broke off before its end"),
    result: (): StreamedCompletion => ({
      completion: { text, ...(finish === undefined ? {} : { finish }), ...usageOf(last["usage"]) },
      last,
    }),
  }
}

const tokensSoFar = (usage: unknown): number | undefined => {
  const tokens = Predicate.hasProperty(usage, "completion_tokens") ? usage.completion_tokens : undefined
  return typeof tokens === "number" ? tokens : undefined
}

const contentOf = (choice: object): string => {
  const { delta, text } = choice as { readonly delta?: unknown; readonly text?: unknown }
  if (typeof text === "string") return text
  if (!Predicate.isObject(delta)) return ""
  const { content, reasoning_content: reasoning } = delta as Record<string, unknown>
  return (typeof reasoning === "string" ? reasoning : "") + (typeof content === "string" ? content : "")
}

const Usage = Schema.Struct({
  prompt_tokens: Schema.Int,
  completion_tokens: Schema.optionalKey(Schema.Int),
  prompt_tokens_details: Schema.optionalKey(
    Schema.NullOr(Schema.Struct({ cached_tokens: Schema.optionalKey(Schema.NullOr(Schema.Int)) })),
  ),
})
const decodeUsage = Schema.decodeUnknownOption(Usage)

const usageOf = (usage: unknown): Pick<Completion, "inputTokens" | "outputTokens" | "cachedTokens"> => {
  const decoded = decodeUsage(usage)
  if (decoded._tag === "None") return {}
  const cached = decoded.value.prompt_tokens_details?.cached_tokens
  return {
    inputTokens: decoded.value.prompt_tokens,
    ...(decoded.value.completion_tokens === undefined ? {} : { outputTokens: decoded.value.completion_tokens }),
    ...(typeof cached === "number" ? { cachedTokens: cached } : {}),
  }
}

/** Sends one request and gives the whole body, or hands it to `onData` piece by piece. Interruption aborts it. */
const dispatch = (
  client: Pool,
  options: Dispatcher.DispatchOptions,
  onSent: () => void,
  onData?: (bytes: Uint8Array) => void,
): Effect.Effect<string, HttpFailure> =>
  Effect.callback((resume) => {
    let controller: Dispatcher.DispatchController | undefined
    let interrupted = false
    let status = 0
    const kept: Array<Uint8Array> = []
    const fail = (detail: string) =>
      resume(Effect.fail(new HttpFailure({ path: options.path, detail, ...(status === 0 ? {} : { status }) })))
    client.dispatch(options, {
      onRequestStart: (started) => {
        controller = started
        if (interrupted) return started.abort(new Error("interrupted"))
        onSent()
      },
      onResponseStart: (_, code) => {
        status = code
      },
      onResponseData: (_, bytes) => {
        if (onData !== undefined && status < 300) onData(bytes)
        else kept.push(Uint8Array.from(bytes)) // a copy: slices would pin the socket's read buffers
      },
      onResponseEnd: () => {
        const body = Buffer.concat(kept).toString("utf8")
        if (status < 300) resume(Effect.succeed(body))
        else fail(body.slice(0, 2000))
      },
      onResponseError: (_, error) => {
        status = 0
        fail(error.message)
      },
    })
    return Effect.sync(() => {
      interrupted = true // a request that still waits for its connection has no controller yet
      controller?.abort(new Error("interrupted"))
    })
  })
