import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import type { ServerResponse } from "node:http"
import { freePort } from "../../../src/engine/process/FreePort.ts"
import { HttpFailure } from "../../../src/engine/process/HttpFailure.ts"
import { openAiClient } from "../../../src/engine/process/OpenAiClient.ts"
import type { GenerateRequest } from "../../../src/scenario/Request.ts"
import { Stamps } from "../../../src/scenario/Stamps.ts"
import { httpServer, type Observed } from "../../fakes/httpServer.ts"
import { until } from "../../fakes/until.ts"

// Real files and processes: as long as a busy machine may take.
const TEXT: GenerateRequest = { task: "generate", prompt: { text: "Once" }, outputTokens: 3 }
const CHAT: GenerateRequest = { ...TEXT, prompt: { messages: [{ role: "user", content: "hi" }] } }

const event = (value: unknown) => `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`
const delta = (value: unknown, finish: string | null = null) =>
  event({ id: "x", choices: [{ index: 0, delta: value, finish_reason: finish }] })
const USAGE = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }
const WHOLE =
  delta({ role: "assistant", content: "" }) +
  delta({ content: "a" }) +
  delta({ content: "b" }) +
  delta({ content: "c" }) +
  delta({}, "length") +
  event({
    choices: [],
    usage: { ...USAGE, prompt_tokens_details: { cached_tokens: 2 } },
    timings: { predicted_ms: 5 },
  }) +
  event("[DONE]")

/** An observer, and what it saw in order. */
const observing = () => {
  const calls: Array<string> = []
  const observer = { sent: () => void calls.push("sent"), chunk: (tokens: number) => void calls.push(`${tokens}`) }
  return { observer, calls: () => calls }
}

/** The same with stamps: they are read in another thread. */
const stamping = () => {
  const stamps = Stamps.of(2, 0, Number(process.hrtime.bigint()))
  const never = () => assert.fail("who writes stamps does not call")
  const calls = () => [
    ...(stamps.sentMs > 0 ? ["sent"] : []),
    ...(stamps.chunkTokens ?? stamps.chunkMs.map(() => 1)).map(String),
  ]
  return { observer: { sent: never, chunk: never, stamps }, calls }
}

const WAYS = { "in this thread": observing, "in a thread of its own": stamping }

for (const [way, observed] of Object.entries(WAYS)) {
  /** Streams from a server that answers so: what came of it, and what the observer saw in order. */
  const streamed = Effect.fnUntraced(function* (
    answer: string | ((response: ServerResponse, request: Observed) => void),
    request: GenerateRequest = CHAT,
  ) {
    const write = typeof answer === "string" ? (response: ServerResponse) => void response.end(answer) : answer
    const { port, requests } = yield* httpServer(write)
    const client = yield* openAiClient(port)
    const { calls, observer } = observed()
    const result = yield* Effect.result(client.stream(request, "model", { seed: 4 }, observer))
    return { result, calls: calls(), requests }
  })
  const answered = Effect.fnUntraced(function* (...input: Parameters<typeof streamed>) {
    const { calls, requests, result } = yield* streamed(...input)
    if (result._tag === "Failure") return yield* result.failure
    return { ...result.success, calls, requests }
  })
  const failed = Effect.fnUntraced(function* (...input: Parameters<typeof streamed>) {
    const { calls, result } = yield* streamed(...input)
    assert.strictEqual(result._tag, "Failure")
    const failure = result._tag === "Failure" ? result.failure : undefined
    assert.instanceOf(failure, HttpFailure)
    const { kind, message, retryAfterS, status } = failure!
    return { calls, kind, message, retryAfterS, status }
  })

  describe(`OpenAiClient.stream ${way}`, () => {
    it.live("streams a chat, counting what the server says and passing on what is its own", () =>
      Effect.gen(function* () {
        const { calls, completion, last, requests } = yield* answered(WHOLE)
        assert.deepStrictEqual(completion, {
          text: "abc",
          finish: "length",
          inputTokens: 7,
          outputTokens: 3,
          cachedTokens: 2,
        })
        assert.deepStrictEqual(last["timings"], { predicted_ms: 5 })
        assert.notProperty(last, "choices")
        assert.deepStrictEqual(calls, ["sent", "1", "1", "1"], "a chunk with nothing but a role is no token")
        assert.strictEqual(requests[0]!.url, "/v1/chat/completions")
        assert.deepStrictEqual(JSON.parse(requests[0]!.body), {
          model: "model",
          messages: [{ role: "user", content: "hi" }],
          max_tokens: 3,
          temperature: 0,
          stream: true,
          stream_options: { include_usage: true },
          seed: 4,
        })
      }),
    )

    it.live("is whole at [DONE], though the server leaves the answer open", () =>
      Effect.gen(function* () {
        const { completion, requests } = yield* answered((response) => void response.write(WHOLE))
        assert.strictEqual(completion.text, "abc")
        assert.strictEqual(requests.length, 1)
      }),
    )

    it.live("streams the continuation of a text", () =>
      Effect.gen(function* () {
        const text = (value: string, finish: string | null = null) =>
          event({ choices: [{ text: value, finish_reason: finish }] })
        const { completion, requests } = yield* answered(text("é") + text("!", "stop") + event("[DONE]"), TEXT)
        assert.deepStrictEqual(completion, { text: "é!", finish: "stop" })
        assert.strictEqual(requests[0]!.url, "/v1/completions")
        assert.deepInclude(JSON.parse(requests[0]!.body) as object, { prompt: "Once" })
      }),
    )

    it.live("believes a server that counts tokens as they come: several at once, half a character, none", () =>
      Effect.gen(function* () {
        const counted = (text: string, tokens: number) =>
          event({ choices: [{ text, finish_reason: null }], usage: { prompt_tokens: 2, completion_tokens: tokens } })
        const { calls, completion } = yield* answered(
          counted("", 0) +
            counted("a", 1) +
            counted("bcd", 4) +
            counted("", 5) +
            counted("é", 6) +
            event({ choices: [], usage: { prompt_tokens: 2, completion_tokens: 6 } }) +
            event("[DONE]"),
          TEXT,
        )
        assert.deepStrictEqual(calls, ["sent", "1", "3", "1", "1"])
        assert.deepStrictEqual(completion, { text: "abcdé", countsChunks: true, inputTokens: 2, outputTokens: 6 })
      }),
    )

    it.live("takes reasoning for tokens too, and a missing count for unknown", () =>
      Effect.gen(function* () {
        const { calls, completion } = yield* answered(
          delta({ role: "assistant", content: null }) +
            delta({ reasoning_content: "hm" }) +
            delta({ content: "a" }, "tool_calls") +
            event({ choices: [], usage: null, error: null }) +
            event("[DONE]"),
        )
        assert.deepStrictEqual(calls, ["sent", "1", "1"])
        assert.deepStrictEqual(completion, { text: "hma", reasoningLength: 2, finish: "other" })
      }),
    )

    it.live("does not take a part for the whole, nor an end without [DONE] for a good one", () =>
      Effect.gen(function* () {
        const unsaid = yield* failed(delta({ content: "a" }, "stop"))
        assert.deepStrictEqual([unsaid.kind, unsaid.message], ["no-done", "/v1/chat/completions: ended without [DONE]"])
        const cut = yield* failed(delta({ content: "a" }) + delta({ content: "b" }))
        assert.deepStrictEqual(
          [cut.kind, cut.message, cut.calls],
          ["truncated", "/v1/chat/completions: broke off before its end", ["sent", "1", "1"]],
        )
        assert.strictEqual((yield* failed(event("[DONE]"))).kind, "empty")
      }),
    )

    it.live("fails when the connection is cut", () =>
      Effect.gen(function* () {
        const { calls, message, status } = yield* failed((response) => {
          response.writeHead(200, { "content-type": "text/event-stream" })
          response.write(delta({ content: "a" }), () => response.destroy())
        })
        assert.match(message, /^\/v1\/chat\/completions: \S/)
        assert.isUndefined(status)
        assert.deepStrictEqual(calls, ["sent", "1"])
      }),
    )

    it.live("fails with what the server says is wrong", () =>
      Effect.gen(function* () {
        const error = { code: 500, message: "out of slots" }
        assert.include(
          (yield* failed(event({ error }) + event("[DONE]"))).message,
          'sent an error: {"code":500,"message":"out of slots"}',
        )
        assert.include((yield* failed(event("{broken") + WHOLE)).message, "sent an event that is not JSON: {broken")
        for (const code of [400, 500]) {
          const refused = yield* failed((response) => void response.writeHead(code).end('{"error":"too long"}'))
          assert.strictEqual(refused.message, `/v1/chat/completions: HTTP ${code}: {"error":"too long"}`)
          assert.deepStrictEqual([refused.status, refused.calls], [code, ["sent"]])
        }
        const busy = yield* failed((response) => {
          const headers = { "retry-after": "Sun, 06 Nov 2044 08:49:37 GMT", date: "Sun, 06 Nov 2044 08:49:30 GMT" }
          response.writeHead(429, headers).end()
        })
        assert.strictEqual(busy.retryAfterS, 7)
      }),
    )

    it.live("aborts the request when it is interrupted, and the next one works", () =>
      Effect.gen(function* () {
        const { port, requests } = yield* httpServer((response, { body }) =>
          body.includes("Once") ? void response.write(": wait\n\n") : void response.end(WHOLE),
        )
        const client = yield* openAiClient(port)
        const { observer } = observed()
        const fiber = yield* Effect.forkChild(client.stream(TEXT, "m", {}, observer))
        yield* until(() => requests.length === 1)
        yield* Fiber.interrupt(fiber)
        yield* until(() => requests[0]!.aborted)
        assert.strictEqual((yield* client.stream(CHAT, "m", {}, observed().observer)).completion.text, "abc")
      }),
    )

    it.live("does not send what was interrupted before there was a connection", () =>
      Effect.gen(function* () {
        const { port, requests } = yield* httpServer((response) => void response.end("{}"))
        const client = yield* openAiClient(port)
        const fiber = yield* Effect.forkChild(client.getJson("/interrupted"), { startImmediately: true })
        yield* Fiber.interrupt(fiber)
        yield* client.getJson("/next")
        assert.deepStrictEqual(
          requests.map(({ url }) => url),
          ["/next"],
        )
      }),
    )
  })
}

describe("OpenAiClient's JSON", () => {
  it.live("ends a request when [DONE] came, not when it was given up that the answer ends", () =>
    Effect.gen(function* () {
      const { port } = yield* httpServer((response) => void response.write(WHOLE))
      const client = yield* openAiClient(port)
      const stamps = Stamps.of(2, 0, Number(process.hrtime.bigint()))
      yield* client.stream(CHAT, "model", {}, { sent: () => {}, chunk: () => {}, stamps })
      assert.isAtLeast(stamps.now() - stamps.endMs!, 490)
      assert.isAtLeast(stamps.endMs!, stamps.lastMs)
    }),
  )

  it.live("gets and posts, and tells answers that are no JSON and servers that are not there", () =>
    Effect.gen(function* () {
      const { port, requests } = yield* httpServer(
        (response, { url }) => void response.end(url === "/odd" ? "<html>" : '{"ok":true}'),
      )
      const client = yield* openAiClient(port)
      assert.deepStrictEqual(yield* client.getJson("/props"), { ok: true })
      assert.deepStrictEqual(yield* client.postJson("/tokenize", { content: "é" }), { ok: true })
      assert.deepInclude(requests[1], { method: "POST", body: '{"content":"é"}' })
      const odd = yield* Effect.flip(client.getJson("/odd"))
      assert.strictEqual(odd.message, "/odd: answered with text that is not JSON: <html>")
      const nobody = yield* Effect.flip((yield* openAiClient(yield* freePort)).getJson("/health"))
      assert.match(nobody.message, /^\/health: .*ECONNREFUSED/)
    }),
  )
})
