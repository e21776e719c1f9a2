import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { makeCompletionReader } from "../../../src/engine/process/CompletionReader.ts"

/** What a stream comes to that arrives in pieces of so many bytes, and the tokens told: `r` for thoughts. */
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
    const { calls } = read(
      thought("reasoning_content", "hm") +
        thought("reasoning_content", "so") +
        thought("reasoning", "well") +
        thought("content", "yes") +
        thought("content", "!") +
        event("[DONE]"),
    )
    assert.strictEqual(calls, "1r 1r 1r 1 1")
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
