import { assert, describe, it } from "@effect/vitest"
import { CPU, Placement, type PromptSet, type RunRecord, type Scenario, ServedModel } from "@rigbook/core"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakePrompts, fakeSpec, scenario } from "../../../testkit/src/FakeCell.ts"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import { fakeRecord } from "../../../testkit/src/FakeRecords.ts"
import { expectedTime } from "../../src/plan/ExpectedTime.ts"
import { guessTime } from "../../src/plan/GuessTime.ts"
import { valueOf } from "../../src/plan/Known.ts"

const GUESS = { value: 30, low: 10, high: 90, formula: "given by the test" }
type Change = Parameters<typeof fakeSpec>[0]

/** A record of 7 trials, one of them a warm-up. */
const record = (seconds: number, change: Change = {}): RunRecord =>
  fakeRecord({
    cell: fakeSpec(change),
    finishedAt: new Date(Date.parse("2026-01-01T00:00:00Z") + seconds * 1000).toISOString(),
  })
const other = (parameters: number): Change => ({
  config: { id: "other", name: "Other", path: "models/configs/other.yaml" },
  model: fakeModel({ parameters }),
})
const timeOf = (records: ReadonlyArray<RunRecord>, change: Change = {}) => {
  const cell = fakeSpec({ model: fakeModel({ parameters: 1000 }), ...change })
  // Three trials, one of them a warm-up.
  return expectedTime(records, { ...cell, config: cell.config.id }, (trials) =>
    trials === 3 ? { value: GUESS } : { absent: `${trials} trials` },
  )
}

describe("expectedTime", () => {
  it("is the time of such cells, for as many trials as are planned", () => {
    assert.deepStrictEqual(timeOf([record(70), record(140), record(350), record(9, other(1000))]), {
      value: { value: 60, low: 30, high: 150, basis: "this cell", records: 3, formula: "3 records of such cells" },
    })
  })

  it("is an estimate by other models, as many times as long as they are larger", () => {
    const time = valueOf(timeOf([record(70, other(500))]))!
    assert.deepStrictEqual([time.low, time.value, time.high], [30, 60, 120])
    assert.deepStrictEqual([time.basis, time.records], ["other models", 1])
  })

  it("is a guess where no record is of this scenario, engine, placement and host", () => {
    const changes: ReadonlyArray<Change> = [
      { scenario: scenario({ kind: "latency", prompts: "p", requests: 3, outputTokens: 4 }) },
      { backend: "another" },
      { host: fakeHost([], 2 ** 33, "elsewhere") },
      { placement: new Placement({ strategy: "another", devices: [CPU] }) },
    ]
    for (const change of changes)
      assert.deepStrictEqual(timeOf([record(70, change)]), { value: { ...GUESS, basis: "work", records: 0 } })
    assert.strictEqual(valueOf(timeOf([record(70, { ...other(1), model: served() })]))!.basis, "work")
  })
})

const served = (): ServedModel =>
  new ServedModel({
    format: "served",
    architecture: "a",
    quantization: "q",
    chatTemplate: true,
    sha256: "0".repeat(64),
  })

const GIB = 2 ** 30
const FACTS = { parameters: 135e6, weightBytes: GIB / 4, vocabulary: 49_152 }
const model = fakeModel(FACTS)
const NO_SPEED = { decode: { absent: "x" }, prompt: { absent: "x" }, measured: { absent: "x" } }
const cpu = new Placement({ strategy: "cpu", devices: [CPU] })

const guess = (wanted: unknown, change: Partial<Parameters<typeof guessTime>[0]> = {}, trials = 1) => {
  const asked = {
    scenario: scenario(wanted) as Scenario,
    prompts: fakePrompts,
    model,
    host: fakeHost(),
    placement: cpu,
  }
  return guessTime({ ...asked, rates: new Map(), speed: NO_SPEED, ...change }, trials)
}
const secondsOf = (...given: Parameters<typeof guess>): number => valueOf(guess(...given))!.value

describe("guessTime", () => {
  const loss = (chunks: number) => ({
    kind: "quality",
    measure: "kld",
    prompts: "p",
    reference: { path: "F16.gguf" },
    chunks,
    context: 512,
  })
  const chat = (outputTokens: number) => ({ kind: "latency", prompts: "p", requests: 2, outputTokens })

  it("grows with chunks, tokens that are written, trials and weights, and lies in its range", () => {
    const { formula, high, low, value } = valueOf(guess(loss(8), { reference: model }))!
    assert.isTrue(0 < low && low < value && value < high, `${low} ${value} ${high}`)
    assert.strictEqual(formula, "0.50 GiB loaded, 1 × 8,200 tokens read, 100,000,000 probabilities compared")
    assert.isAbove(secondsOf(loss(16)), secondsOf(loss(8)))
    assert.isAbove(secondsOf(chat(100)), secondsOf(chat(10)))
    assert.isAbove(secondsOf(chat(10), {}, 5), secondsOf(chat(10)))
    assert.isAbove(secondsOf(chat(10), { model: fakeModel({ ...FACTS, weightBytes: GIB }) }), secondsOf(chat(10)))
  })

  it("takes the speed of answers that is estimated, where there is one", () => {
    const decode = { value: { value: 1, low: 0.5, high: 2, depth: 0, formula: "given", records: 1 } }
    const slow = valueOf(guess(chat(100), { speed: { ...NO_SPEED, decode } }))!
    // Two requests of 100 tokens, and what else there is.
    assert.isTrue(slow.low > 100 && slow.value > 200 && slow.high > 400, JSON.stringify(slow))
  })

  it("counts the texts of a dataset, and of a mixture of experts those that a token goes through", () => {
    const text = "a".repeat(4000)
    const dataset = { measure: "sts", pairs: [[text, text]], scores: [1] } as const
    const prompts: PromptSet = { ...fakePrompts, prompts: [], dataset }
    const sts = { kind: "quality", measure: "sts", dataset: "d" }
    assert.include(valueOf(guess(sts, { prompts }, 2))!.formula, "2 × 2,000 tokens read")
    const tensorBytes = { input: GIB / 16, layers: [GIB / 8], experts: [GIB / 8], output: 0, tied: false }
    const layered = { ...FACTS, layers: 1, tensorBytes }
    const dense = fakeModel(layered)
    const experts = fakeModel({ ...layered, experts: 8, expertsUsed: 2 })
    assert.isBelow(secondsOf(sts, { prompts, model: experts }), secondsOf(sts, { prompts, model: dense }))
    // An encoder's table of tokens is not used for what it makes.
    const tied = fakeModel({ ...layered, tensorBytes: { ...tensorBytes, tied: true } })
    assert.strictEqual(secondsOf(sts, { prompts, model: tied }), secondsOf(sts, { prompts, model: dense }))
    assert.isAbove(secondsOf(chat(9), { model: tied }), secondsOf(chat(9), { model: dense }))
  })

  it("makes no text to count it, however much is requested", () => {
    const context = { kind: "context", depth: 16_000_000, requests: 1_000_000 }
    assert.include(valueOf(guess(context))!.formula, "1 × 16,000,000,000,000 tokens read")
    assert.isDefined(valueOf(guess({ ...loss(1_000_000) })))
    assert.isDefined(valueOf(guess({ ...chat(1_000_000), requests: 1_000_000 })))
  })

  it("is absent for loads, servers, and GPUs of which no FLOP/s are known", () => {
    const load = { kind: "concurrency", prompts: "p", outputTokens: 4, streams: 2 }
    assert.deepStrictEqual(guess(load), { absent: "how long a load takes is known only once it was measured" })
    assert.deepStrictEqual(guess(chat(1), { model: served() }), {
      absent: "what a server computes for a token is not known",
    })
    const host = fakeHost([GIB])
    const placement = new Placement({ strategy: "single", devices: [gpuId(0)] })
    assert.deepStrictEqual(guess(chat(1), { host, placement }), { absent: "what its devices can compute is not known" })
    const rates = new Map([[host.devices[1]!.name, { flops: 1e12, bytesPerSecond: 1e11 }]])
    assert.isDefined(valueOf(guess(chat(1), { host, placement, rates })))
  })
})
