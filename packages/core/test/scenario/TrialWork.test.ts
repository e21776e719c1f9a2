import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { syntheticSet } from "../../../records/src/workspace/PromptSet.ts"
import { fakePrompts, scenario } from "../../../testkit/src/FakeCell.ts"
import type { GenerateRequest } from "../../src/scenario/Request.ts"
import { kindOf, Scenario, scenarioName, trialWork } from "../../src/scenario/Scenario.ts"
import { textOf } from "../../src/scenario/TextOf.ts"
import { tokensIn } from "../../src/scenario/TrialTokens.ts"

const texts = (of: object, round: string, prompts = fakePrompts) =>
  trialWork(Schema.decodeUnknownSync(Scenario)(of), prompts, round).requests.map(({ request }) =>
    request.task === "diverge"
      ? request.text
      : request.task === "embed"
        ? request.texts.join()
        : "text" in request.prompt
          ? request.prompt.text
          : request.prompt.messages[0]!.content,
  )
const lengths = (of: object, round: string) =>
  trialWork(Schema.decodeUnknownSync(Scenario)(of), syntheticSet, round).requests.map(({ request }) =>
    request.task === "generate" ? request.outputTokens : 0,
  )
const CONCURRENCY = { kind: "concurrency", prompts: "p", streams: 2, requests: 6, outputTokens: 9 }

describe("trialWork", () => {
  it("asks the first prompts, and starts over when the set is too short", () => {
    const shape = { kind: "latency", prompts: "p", requests: 5, outputTokens: 9 }
    const { load, requests } = trialWork(scenario(shape), fakePrompts, "measured-0")
    assert.isUndefined(load)
    assert.deepStrictEqual(
      requests.map(({ prompt }) => prompt),
      [0, 1, 2, 0, 1],
    )
    for (const { prompt, request } of requests)
      assert.deepStrictEqual(request, { task: "generate", prompt: fakePrompts.prompts[prompt]!, outputTokens: 9 })
  })

  it("requests answers of natural length, up to a number of tokens, where a scenario names none", () => {
    const of = (outputTokens: unknown, kind: object) => {
      const one = scenario({ ...kind, outputTokens })
      const [first] = trialWork(one, fakePrompts, "").requests
      const { natural = false, outputTokens: most } = first!.request as GenerateRequest
      return [scenarioName(one), natural, most]
    }
    const latency = { kind: "latency", prompts: "p", requests: 1 }
    const context = { kind: "context", depth: 8, requests: 1 }
    const streams = { kind: "concurrency", prompts: "p", streams: 1, requests: 1 }
    assert.deepStrictEqual(of("natural", latency), ["latency-p-1xnatural", true, 512])
    assert.deepStrictEqual(of({ natural: 64 }, latency), ["latency-p-1xnatural-64", true, 64])
    assert.deepStrictEqual(of({ natural: 64 }, context), ["context-8-1xnatural-64", true, 64])
    assert.deepStrictEqual(of("natural", streams), ["concurrency-1-p-1xnatural", true, 512])
    assert.deepStrictEqual(of(64, latency), ["latency-p-1x64", false, 64])
  })

  it("takes the messages of users as the turns of a conversation, whose first alone is marked and has the system's", () => {
    const message = (role: "system" | "user" | "assistant", content: string) => ({ role, content })
    const prompts = [
      {
        messages: [
          message("system", "Be brief."),
          message("user", "one"),
          message("assistant", "?"),
          message("user", "two"),
        ],
      },
      { messages: [message("system", "Be long."), message("user", "three")] },
      { text: "four" },
    ]
    const of = (round: string) =>
      trialWork(
        scenario({ kind: "multi-turn", prompts: "p", turns: 5, outputTokens: 9 }),
        { ...fakePrompts, prompts },
        round,
      ).requests
    const [first, ...later] = of("measured-0")
    assert.deepStrictEqual(
      later.map(({ prompt, request, turn }) => [prompt, turn, request]),
      (["two", "three", "four", "one"] as const).map((content, at) => [
        [0, 1, 2, 0][at],
        at + 1,
        { task: "generate" as const, prompt: { messages: [message("user", content)] }, outputTokens: 9 },
      ]),
    )
    const { messages } = (first!.request as GenerateRequest).prompt as { readonly messages: ReadonlyArray<object> }
    assert.deepStrictEqual([first!.turn, messages.length, messages[1]], [0, 2, message("user", "one")])
    assert.match(JSON.stringify(messages[0]), /"[0-9a-f]{8} Be brief\./)
    assert.notDeepEqual(of("measured-1")[0], first)
    assert.deepStrictEqual(of("measured-1").slice(1), later)
  })

  it("puts the documents of a batch into one call, as text", () => {
    const shape = { kind: "batch", prompts: "p", documents: 4, batchSize: 2 }
    const { requests } = trialWork(scenario(shape), fakePrompts, "")
    assert.deepStrictEqual(requests, [
      { prompt: 0, request: { task: "embed", texts: ["one", "two", "three", "one"], batchSize: 2 } },
    ])
  })

  it("begins each document as no other of any trial, where fresh ones are requested", () => {
    const shape = { kind: "batch", prompts: "p", documents: 4, batchSize: 2, cache: "fresh" }
    const rounds = ["warmup-0", "measured-0"].flatMap((round) =>
      trialWork(scenario(shape), fakePrompts, round).requests.flatMap(({ request }) =>
        request.task === "embed" ? request.texts : [],
      ),
    )
    assert.strictEqual(new Set(rounds.map((text) => text.slice(0, 8))).size, 8)
    for (const [index, text] of rounds.entries())
      assert.match(text, [/^[0-9a-f]{8} one$/, /^[0-9a-f]{8} two$/, /^[0-9a-f]{8} three$/][(index % 4) % 3]!)
  })

  it("begins each prompt of a load as no other of any trial, unless repetition is requested", () => {
    const rounds = ["warmup-0", "measured-0", "measured-1"].flatMap((round) => texts(CONCURRENCY, round))
    assert.strictEqual(new Set(rounds.map((text) => text.slice(0, 8))).size, 18)
    for (const [index, text] of rounds.entries())
      assert.match(text, [/^[0-9a-f]{8} one$/, /^[0-9a-f]{8} two$/, /^[0-9a-f]{8} three$/][index % 3]!)
    assert.deepStrictEqual(texts(CONCURRENCY, "measured-0"), rounds.slice(6, 12), "the same again when a run goes on")
    assert.deepStrictEqual(texts({ ...CONCURRENCY, cache: "repeated" }, "measured-1").slice(0, 3), [
      "one",
      "two",
      "three",
    ])
  })

  it("makes prompts up to their length, of another text in each trial but of the same length", () => {
    const made = { ...CONCURRENCY, prompts: { tokens: { distribution: "uniform", min: 5, max: 400 } } }
    const [one, two] = ["measured-0", "measured-1"].map((round) => texts(made, round, syntheticSet))
    const words = (of: ReadonlyArray<string>) => of.map((text) => text.split(" ").length)
    assert.deepStrictEqual(words(one!), words(two!))
    assert.isAbove(new Set(words(one!)).size, 1)
    assert.notDeepEqual(one, two)
    assert.deepStrictEqual(words(texts({ kind: "context", depth: 512, requests: 2 }, "", syntheticSet)), [512, 512])
  })

  it("draws lengths near their mean and within their limits, the same for the same seed", () => {
    for (const distribution of ["normal", "lognormal"] as const) {
      const shape = {
        ...CONCURRENCY,
        prompts: { tokens: 1 },
        requests: 4000,
        outputTokens: { distribution, mean: 100, sd: 20 },
      }
      const drawn = lengths(shape, "a")
      const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length
      const sd = Math.sqrt(drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length)
      assert.isTrue(Math.abs(mean - 100) < 2 && Math.abs(sd - 20) < 2, `${distribution}: ${mean} ± ${sd}`)
      assert.deepStrictEqual(lengths(shape, "b"), drawn)
      assert.notDeepEqual(lengths({ ...shape, seed: 2 }, "a"), drawn)
      const cut = lengths({ ...shape, outputTokens: { ...shape.outputTokens, min: 90, max: 110 } }, "a")
      assert.deepStrictEqual([Math.min(...cut), Math.max(...cut)], [90, 110])
    }
  })

  it("has requests arrive evenly or at random, at the rate, and the same in every trial", () => {
    const arrivals = (change: object, round = "a") =>
      trialWork(
        scenario({ kind: "open-loop", prompts: "p", rate: 4, requests: 4000, ...change }),
        fakePrompts,
        round,
      ).requests.map(({ atMs }) => atMs!)
    assert.deepStrictEqual(arrivals({ arrivals: "constant" }).slice(0, 4), [0, 250, 500, 750])
    const random = arrivals({})
    assert.isTrue(Math.abs(random.at(-1)! / 4000 - 250) < 15, `${random.at(-1)!}`)
    const gaps = random.slice(1).map((at, index) => at - random[index]!)
    const short = gaps.filter((gap) => gap < 250).length / gaps.length
    assert.isTrue(Math.abs(short - (1 - Math.exp(-1))) < 0.03, `${short} of the gaps are below their mean`)
    assert.deepStrictEqual(arrivals({}, "b"), random)
  })

  it("has about as many tokens as its kind says without making it", () => {
    for (const of of [
      { kind: "latency", prompts: "p", requests: 5, outputTokens: 9 },
      { kind: "batch", prompts: "p", documents: 7, batchSize: 2 },
      { kind: "context", depth: 512, requests: 2, outputTokens: 3 },
    ]) {
      const one = scenario(of)
      const { read, written } = kindOf(one).tokens!(one, fakePrompts)
      const made = trialWork(one, fakePrompts, "a").requests.map(({ request }) => request)
      const texts = made.flatMap((request) =>
        request.task === "embed" ? request.texts : request.task === "generate" ? [textOf(request.prompt)] : [],
      )
      // A word of generated text is a token; others are counted by their bytes.
      const tokens = of.kind === "context" ? texts.join(" ").split(" ").length : tokensIn(texts)
      assert.approximately(read, tokens, 1, of.kind)
      assert.strictEqual(
        written,
        made.reduce((sum, request) => sum + (request.task === "generate" ? request.outputTokens : 0), 0),
      )
    }
  })
})
