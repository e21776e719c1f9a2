import { assert, describe, it } from "@effect/vitest"
import type { Completion, RequestSample, Sample } from "@rigbook/core"
import { Schema } from "effect"
import { makeCompletionReader } from "../../../core/src/engine/process/CompletionReader.ts"
import { makeRecorder } from "../../../runner/src/run/Recorder.ts"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { requestSample, trialSample } from "../../../testkit/src/FakeSamples.ts"
import { decodeTpsUser, e2e, outputTps, prefillTps, tpot, ttft } from "../../src/metrics/Generation.ts"
import { goodput } from "../../src/metrics/Load.ts"
import { METRICS } from "../../src/metrics/Metrics.ts"
import { accountOf } from "../../src/metrics/TokenAccount.ts"
import { judgeTokens } from "../../src/verdict/JudgeTokens.ts"

const STEP_MS = 20
const PROMPT_MS = 100
const ASKED = 32
const every = (count: number, from = PROMPT_MS): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, at) => from + STEP_MS * at)
const trial = (change: Partial<RequestSample>): Sample =>
  trialSample({
    requests: [requestSample({ sentMs: 0, endMs: 725, outputTokens: ASKED, requestedTokens: ASKED, ...change })],
  })
const codesOf = ({ requests }: Sample) => judgeTokens({ model: fakeModel() }, requests).map(({ code }) => code)
const valueOf = (measured: ReturnType<typeof tpot.measure>) => ("value" in measured ? measured.value : undefined)

describe("an account of tokens", () => {
  it("bears all figures where chunks carried what the engine counts", () => {
    const good = trial({ chunkMs: every(ASKED) })
    assert.deepStrictEqual(codesOf(good), [])
    assert.strictEqual(valueOf(tpot.measure(good)), STEP_MS)
    assert.strictEqual(valueOf(e2e.measure(good)), 720)
  })

  it("bears a time per token over what is reported of each chunk, and says that chunks held several", () => {
    const bundles = { chunkMs: [240, 400, 560, 720], chunkTokens: [8, 8, 8, 8] }
    const reported = trial(bundles)
    assert.strictEqual(valueOf(tpot.measure(reported)), STEP_MS)
    assert.property(prefillTps.measure(reported), "absent")
    assert.deepStrictEqual(codesOf(reported), ["several-per-chunk"])
    const unreported = trial({ chunkMs: bundles.chunkMs })
    for (const metric of [tpot, decodeTpsUser, prefillTps])
      assert.property(metric.measure(unreported), "absent", metric.id)
    assert.strictEqual(valueOf(ttft.measure(unreported)), 240)
    assert.deepStrictEqual(codesOf(unreported), ["tokens-unaccounted"])
  })

  it("counts what came at once with the first chunk to it", () => {
    const burst = trial({
      chunkMs: every(ASKED).map((_, at) => PROMPT_MS + STEP_MS * (8 * Math.ceil((at + 1) / 8) - 1)),
    })
    assert.strictEqual(accountOf(burst.requests[0]!).first, 8)
    assert.strictEqual(valueOf(tpot.measure(burst)), STEP_MS)
    assert.property(prefillTps.measure(burst), "absent")
    const atOnce = trial({ chunkMs: every(ASKED).map((_, at) => 720 + at / 100) })
    for (const metric of [tpot, decodeTpsUser, prefillTps]) assert.property(metric.measure(atOnce), "absent", metric.id)
  })

  it("forgives a token without a chunk of its own where there was time for it", () => {
    const half = every(ASKED).filter((_, at) => at !== 9)
    assert.strictEqual(valueOf(tpot.measure(trial({ chunkMs: half }))), STEP_MS)
    const first = every(ASKED - 1, PROMPT_MS + STEP_MS)
    assert.property(tpot.measure(trial({ chunkMs: first })), "absent")
  })

  it("bears no end where tokens may have come after the last text, and no objective that needs one", () => {
    const early = trial({ chunkMs: every(10) })
    for (const metric of [tpot, e2e, decodeTpsUser]) assert.property(metric.measure(early), "absent", metric.id)
    assert.deepInclude(codesOf(early), "tokens-unaccounted")
    for (const slo of [{ tpot: 100 }, { e2e: 1000 }]) assert.property(goodput.measure({ ...early, slo }), "absent")
    assert.property(goodput.measure({ ...early, slo: { ttft: 1000 } }), "value")
    for (const id of ["tpot_p95", "e2e_p95"])
      assert.property(METRICS.find((metric) => metric.id === id)!.measure(early), "absent")
  })

  it("names more tokens than were requested, and counts that can't be", () => {
    const long = trial({ chunkMs: every(96), outputTokens: 96, endMs: 2020 })
    assert.deepStrictEqual(codesOf(long), ["long-output"])
    const lie = trial({ chunkMs: every(8), outputTokens: 100_000, requestedTokens: 8 })
    assert.deepInclude(codesOf(lie), "tokens-unaccounted")
    assert.property(outputTps.measure(lie), "absent")
    const cached = trial({ chunkMs: every(ASKED), cachedTokens: 101 })
    assert.deepStrictEqual(codesOf(cached), ["usage-contradicts"])
    assert.property(prefillTps.measure(cached), "absent")
    const { requests } = trial({ chunkMs: every(ASKED), inputTokens: 1e15 })
    const [reason] = judgeTokens({ model: fakeModel({ contextLength: 8192 }) }, requests)
    assert.strictEqual(reason?.code, "usage-contradicts")
  })

  it("tells times without any count", () => {
    const { outputTokens: _, ...unreported } = requestSample({
      chunkMs: every(ASKED),
      requestedTokens: ASKED,
      sentMs: 0,
      endMs: 725,
    })
    for (const request of [unreported, { ...unreported, outputTokens: 0 }]) {
      const sample = trialSample({ requests: [request] })
      assert.strictEqual(valueOf(ttft.measure(sample)), PROMPT_MS)
      assert.strictEqual(valueOf(e2e.measure(sample)), 720)
      for (const metric of [tpot, outputTps]) assert.property(metric.measure(sample), "absent", metric.id)
      assert.deepStrictEqual(codesOf(sample), [])
    }
  })
})

/** What a server does with the tokens that it writes one a step. */
const Stream = Schema.Struct({
  tokens: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 80 })),
  stepMs: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 60 })),
  /** Tokens of each chunk, over and over. */
  sizes: Schema.NonEmptyArray(Schema.Literals([1, 1, 1, 2, 3, 8])),
  /** Tokens that are counted and not streamed. */
  before: Schema.Literals([0, 0, 1, 24]),
  after: Schema.Literals([0, 0, 1, 20]),
  /** Chunks that are held back, and sent on together. */
  held: Schema.Literals([1, 1, 4, 1000]),
  key: Schema.Literals(["content", "reasoning", "reasoning_content", "thinking", "reasoning_details", "tool_calls"]),
  usage: Schema.Literals([
    "end",
    "each",
    "some",
    "own",
    "own only",
    "zero",
    "zero each",
    "none",
    "finish",
    "large",
    "small",
  ]),
})
type Stream = typeof Stream.Type

const delta = (key: Stream["key"], text: string) =>
  key === "reasoning_details"
    ? { content: "", [key]: [{ type: "reasoning.text", text }] }
    : key === "tool_calls"
      ? { [key]: [{ index: 0, function: { arguments: text } }] }
      : { [key]: text }

/** The sample of such a stream, on a clock of its own. */
const sampleOf = ({ after, before, held, key, sizes, stepMs, tokens, usage }: Stream): RequestSample => {
  let nowMs = 0
  const recorder = makeRecorder({ now: () => nowMs, originNs: 0 }, tokens)
  const reader = makeCompletionReader({ chunk: (count, reasoning) => recorder.observer.chunk(count, reasoning) })
  const send = (value: unknown) => reader.read(Buffer.from(`data: ${JSON.stringify(value)}\n\n`))
  const counts = (completion: number) => ({ prompt_tokens: 40, completion_tokens: completion })
  const total = before + tokens + after
  const waiting: Array<object> = []
  const flush = () => {
    for (const event of waiting.splice(0)) send(event)
  }
  recorder.observer.sent()
  nowMs = PROMPT_MS + stepMs * (before - 1)
  for (let done = 0, chunk = 0; done < tokens; chunk++) {
    const size = Math.min(usage === "own only" ? sizes[0] : sizes[chunk % sizes.length]!, tokens - done)
    done += size
    nowMs += stepMs * size
    const reported = {
      each: counts(before + done),
      some: chunk % 2 === 1 ? counts(before + done) : undefined,
      own: counts(size),
      "own only": counts(size),
      "zero each": counts(0),
    }[usage as string]
    const text = { index: 0, finish_reason: null, delta: delta(key, " a".repeat(size)) }
    waiting.push({ choices: [text], usage: reported ?? null })
    if (waiting.length >= held) flush()
  }
  flush()
  nowMs += stepMs * after
  const finish = { choices: [{ index: 0, delta: {}, finish_reason: "length" }] }
  send(usage === "finish" ? { ...finish, usage: counts(total) } : finish)
  const last = { zero: 0, large: 100_000, small: 1, none: undefined, "own only": undefined, finish: undefined }
  const count = usage in last ? last[usage as keyof typeof last] : total
  if (count !== undefined) send({ choices: [], usage: counts(count) })
  reader.read(Buffer.from("data: [DONE]\n\n"))
  const end = reader.end()
  const completion: Completion = "completion" in end ? end.completion : assert.fail(end.detail)
  const request = { task: "generate", prompt: { text: "p" }, outputTokens: total } as const
  return recorder.sample({ prompt: 0, request }, completion)
}

describe("any stream of chunks and usage", () => {
  it.prop(
    "gives a decode speed within 2 % of the truth, or none, or a reason",
    { stream: Stream },
    ({ stream }) => {
      const sample = trialSample({ requests: [sampleOf(stream)] })
      const decode = valueOf(decodeTpsUser.measure(sample))
      const reported = codesOf(sample).some((code) => code !== "several-per-chunk")
      const truth = 1000 / stream.stepMs
      assert.isTrue(
        decode === undefined || reported || Math.abs(decode / truth - 1) < 0.02 + 1e-9,
        `${decode} tokens/s, the truth is ${truth}`,
      )
    },
    { arbitrary: { runs: 1000 } },
  )

  it("gives the true decode speed where it can be known", () => {
    const plain = {
      tokens: 32,
      stepMs: 20,
      sizes: [1],
      before: 0,
      after: 0,
      held: 1,
      key: "content",
      usage: "end",
    } as const
    for (const change of [
      {},
      { key: "tool_calls" },
      { key: "reasoning_details" },
      { key: "thinking" },
      { usage: "each", sizes: [3] },
      { usage: "each", before: 24 },
      { usage: "zero each" },
      { usage: "own" },
      { usage: "finish" },
      { held: 4 },
    ] as const) {
      const decode = decodeTpsUser.measure(trialSample({ requests: [sampleOf({ ...plain, ...change })] }))
      assert.closeTo(valueOf(decode) ?? 0, 50, 1, JSON.stringify(change))
    }
  })
})
