import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { makeCompletionReader } from "../../../src/engine/process/CompletionReader.ts"

/** What a stream comes to that arrives in pieces of so many bytes, and the tokens reported: `r` for thoughts. */
const read = (stream: string | Buffer, piece = Infinity) => {
  const calls: Array<string> = []
  const reader = makeCompletionReader({
    chunk: (tokens, reasoning) => void calls.push(`${tokens}${reasoning === true ? "r" : ""}`),
  })
  const bytes = typeof stream === "string" ? Buffer.from(stream) : stream
  for (let at = 0; at < bytes.length; at += piece) reader.read(bytes.subarray(at, at + piece))
  return { calls: calls.join(" "), end: reader.end() }
}
const event = (value: unknown) => `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`
const FRAMES = {
  "vLLM's chat": (content: string) => ({
    id: "c-1",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }],
  }),
  "llama.cpp's chat": (content: string) => ({
    choices: [{ finish_reason: null, index: 0, delta: { content } }],
    created: 1,
    id: "c-1",
    object: "chat.completion.chunk",
  }),
  "a completion": (text: string) => ({ id: "c-1", choices: [{ index: 0, text, finish_reason: null }] }),
  "one that repeats its key": (content: string) => ({
    content: "not this",
    choices: [{ delta: { role: "assistant", content }, logprobs: { content: null } }],
  }),
}
const CLOSING =
  event({ choices: [{ delta: {}, text: "", finish_reason: "length" }] }) +
  event({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 9 } }) +
  event("[DONE]")

describe("makeCompletionReader", () => {
  for (const [name, frame] of Object.entries(FRAMES)) {
    it.prop(`reads any text, however framed and cut: ${name}`, { texts: Schema.Array(Schema.String) }, ({ texts }) => {
      const all = ["plain", ...texts, " word", 'quo"te', "back\\slash", "new\nline", "é 壊 🧨", ...texts]
      const stream = all.map((text) => event(frame(text))).join("") + CLOSING
      const text = all.map((part) => JSON.parse(JSON.stringify(part)) as string).join("")
      for (const piece of [Infinity, 7]) {
        const { calls, end } = read(stream, piece)
        assert.strictEqual(calls, all.flatMap((part) => (part === "" ? [] : ["1"])).join(" "))
        assert.deepStrictEqual("completion" in end && end.completion, {
          text,
          finish: "length",
          inputTokens: 3,
          outputTokens: 9,
        })
      }
    })
  }

  it("tells which tokens are of the first event of a read", () => {
    const firsts: Array<boolean> = []
    const reader = makeCompletionReader({ chunk: (_, __, first) => void firsts.push(first) })
    const token = (text: string) => event(FRAMES["vLLM's chat"](text))
    const role = event({ choices: [{ delta: { role: "assistant", content: "" } }] })
    for (const [text, first] of [
      [role + token("a"), true],
      [token("b") + token("c"), true],
      [token("d"), true],
      [token("e"), false],
    ] as const)
      reader.read(Buffer.from(text), 0, undefined, first)
    assert.deepStrictEqual(firsts, [false, true, false, true, false])
  })

  it("joins a character that was cut in two by escapes", () => {
    const half = (escaped: string) => `data: {"choices":[{"delta":{"content":"${escaped}"}}]}\n\n`
    const { end } = read(half("a") + half("\\ud83e") + half("\\udde8") + half("b") + event("[DONE]"))
    assert.deepStrictEqual("completion" in end && end.completion.text, "a\u{1f9e8}b")
  })

  it("tells thoughts from the answer, by either of their names", () => {
    const thought = (key: string, value: string) => event({ choices: [{ delta: { [key]: value } }] })
    const { calls, end } = read(
      thought("reasoning_content", "hm") +
        thought("reasoning_content", "so") +
        thought("reasoning", "well") +
        thought("content", "yes") +
        thought("content", "!") +
        event("[DONE]"),
    )
    assert.strictEqual(calls, "1r 1r 1r 1 1")
    assert.deepInclude("completion" in end && end.completion, { text: "hmsowellyes!", reasoningLength: 8 })
  })

  it("counts no answer as reasoning that comes after it with counts of its own", () => {
    const part = (key: string, value: string, usage?: object) =>
      event({ choices: [{ delta: { [key]: value } }], usage })
    const counted = part("content", "yes", { completion_tokens: 3 })
    const { end } = read(part("reasoning", "a") + part("reasoning", "b") + counted + event("[DONE]"))
    assert.deepInclude("completion" in end && end.completion, { text: "abyes", reasoningLength: 2 })
    const without = read(part("content", "yes") + event("[DONE]")).end
    assert.notProperty("completion" in without && without.completion, "reasoningLength")
  })

  it("takes for tokens whatever a model writes, under any name that servers have for it", () => {
    const part = (text: string) => [{ type: "text", text }]
    const cases: ReadonlyArray<readonly [delta: object, reported: string]> = [
      [{ content: part("a") }, "1"],
      [{ content: [{ type: "thinking", thinking: part("a") }] }, "1r"],
      [{ refusal: "a" }, "1"],
      [{ thinking: "a" }, "1r"],
      [{ content: "", reasoning: null, reasoning_details: [{ type: "reasoning.text", text: "a" }] }, "1r"],
      [{ tool_calls: [{ index: 0, id: "c", type: "function", function: { name: "a", arguments: "" } }] }, "1"],
      [{ tool_calls: [{ index: 0, function: { arguments: "a" } }] }, "1"],
      [{ function_call: { arguments: "a" } }, "1"],
      [{ role: "assistant", content: "" }, ""],
      [{ role: "assistant", content: [], tool_calls: [] }, ""],
    ]
    for (const [delta, reported] of cases) {
      const { calls, end } = read(event({ choices: [{ delta }] }) + CLOSING)
      assert.strictEqual(calls, reported, JSON.stringify(delta))
      assert.strictEqual("completion" in end && end.completion.text, reported === "" ? "" : "a")
    }
  })

  it("counts by usage as it comes, where it rises with each text, and takes what ends a choice for no token", () => {
    const text = (content: string, total?: number, finish_reason: string | null = null) =>
      event({
        choices: [{ delta: { content }, finish_reason }],
        usage: total === undefined ? null : { prompt_tokens: 3, completion_tokens: total },
      })
    const streams = {
      "cumulative, half a character among them": [text("a", 2) + text("", 3) + text("b", 5), "2 1 2", true],
      "without text at its end": [text("a", 1) + text("b", 2) + text("", 9, "length"), "1 1", true],
      "each of its own": [text("a", 4) + text("b", 4) + text("c", 4), "4 1 1", false],
      zero: [text("a", 0) + text("b", 0), "1 1", undefined],
      "only now and then": [text("a") + text("b", 4), "1 3", false],
      "of what is no count": [text("a", -1) + text("b", 0.5), "1 1", undefined],
    } as const
    for (const [name, [stream, calls, counts]] of Object.entries(streams)) {
      const found = read(stream + CLOSING)
      assert.strictEqual(found.calls, calls, name)
      assert.strictEqual("completion" in found.end ? found.end.completion.countsChunks : "bad", counts, name)
    }
  })

  it("takes zeros for counts that were not reported", () => {
    const usage = { prompt_tokens: 0, completion_tokens: 0 }
    const zero = read(event(FRAMES["a completion"]("a")) + event({ choices: [], usage }) + event("[DONE]"))
    assert.deepStrictEqual("completion" in zero.end && zero.end.completion, { text: "a" })
    const ended = event({ choices: [{ text: "", finish_reason: "stop" }] })
    const none = read(ended + event({ choices: [], usage: { ...usage, prompt_tokens: 3 } }) + event("[DONE]"))
    assert.deepInclude("completion" in none.end && none.end.completion, { inputTokens: 3, outputTokens: 0 })
  })

  it("keeps the usage wherever it comes, and takes null for nothing", () => {
    const usage = { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 4 } }
    for (const events of [
      [{ choices: [], usage }, FRAMES["a completion"]("a"), { choices: [], usage: null }],
      [FRAMES["a completion"]("a"), { choices: [{ text: "", finish_reason: "stop" }], usage }],
    ]) {
      const { end } = read(events.map(event).join("") + event("[DONE]"))
      assert.deepInclude("completion" in end && end.completion, { inputTokens: 5, outputTokens: 1, cachedTokens: 4 })
    }
  })

  it("says how a stream is bad", () => {
    const good = event(FRAMES["a completion"]("a")) + event(FRAMES["a completion"]("b"))
    const broken = (middle: Uint8Array) => Buffer.concat([Buffer.from(good), middle, Buffer.from(CLOSING)])
    const text = (bytes: ReadonlyArray<number>) =>
      broken(
        Buffer.concat([
          Buffer.from('data: {"id":"c-1","choices":[{"index":0,"text":"'),
          Uint8Array.from(bytes),
          Buffer.from('","finish_reason":null}]}\n\n'),
        ]),
      )
    for (const [stream, kind] of [
      [good, "truncated"],
      [good + event({ choices: [{ text: "", finish_reason: "stop" }] }), "no-done"],
      [event("[DONE]"), "empty"],
      [good + event('{"choices":[{"text":"x'), "malformed"],
      [good + event({ error: { message: "out of memory" } }) + CLOSING, "error-event"],
      [text([0x20, 0xc3, 0x28]), "bad-utf8"],
      [text([0x20, 0xff, 0x5c, 0x6e]), "bad-utf8"],
    ] as const) {
      const { end } = read(stream)
      assert.strictEqual("kind" in end ? end.kind : "none", kind)
    }
  })
})
