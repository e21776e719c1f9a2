import { assert, describe, it } from "@effect/vitest"
import type { Session } from "@rigbook/core"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { fakeLog, fakeOptions, fakeSession } from "../../../testkit/src/FakeBackend.ts"
import { fakePrompts, scenario } from "../../../testkit/src/FakeCell.ts"
import { answerRequests, askForAnswers } from "../../src/run/Answers.ts"

const latency = (requests: number, outputTokens: number) =>
  scenario({ kind: "latency", prompts: "p", requests, outputTokens })
const batch = (documents: number, batchSize: number) => scenario({ kind: "batch", prompts: "p", documents, batchSize })
const many = {
  ...fakePrompts,
  prompts: Array.from({ length: 20 }, (_, index) => ({ text: `prompt ${index}` })),
}

describe("answerRequests", () => {
  it("asks the first prompts of the set for 32 tokens, whatever the scenario requests", () => {
    const requested = answerRequests(latency(1, 500), many)
    assert.deepStrictEqual(requested, answerRequests(latency(9, 2), many))
    assert.deepStrictEqual(
      requested,
      many.prompts.slice(0, 6).map((prompt) => ({ task: "generate", prompt, outputTokens: 32 })),
    )
    assert.strictEqual(answerRequests(latency(1, 1), fakePrompts).length, 3)
  })

  it("requests the vectors of the first documents, in batches no larger than the scenario's", () => {
    const texts = many.prompts.slice(0, 8).map(({ text }) => text)
    for (const [batchSize, requested] of [
      [4, 4],
      [32, 8],
    ] as const)
      assert.deepStrictEqual(answerRequests(batch(2, batchSize), many), [
        { task: "embed", texts, batchSize: requested, returnVectors: true },
      ])
  })
})

const ask = (session: Session, requests = answerRequests(latency(1, 1), fakePrompts)) =>
  Effect.gen(function* () {
    const asking = yield* Effect.forkChild(askForAnswers(session, requests, 1000))
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(asking)
  })
const fake = (options: object = {}) => fakeSession(fakeOptions(options), fakeLog())
const answering = (send: Session["send"]): Session => ({ ...fake(), send })

describe("askForAnswers", () => {
  it.effect("keeps the texts, with the tokens that the prompts were read as", () =>
    Effect.gen(function* () {
      const { texts } = (yield* ask(fake())) as { readonly texts: ReadonlyArray<unknown> }
      assert.deepStrictEqual(
        texts,
        Array.from({ length: 3 }, () => ({ text: "x".repeat(32), inputTokens: 100 })),
      )
    }),
  )

  it.effect("keeps the vectors", () =>
    Effect.gen(function* () {
      const answers = yield* ask(fake(), answerRequests(batch(2, 2), fakePrompts))
      const base64 = Buffer.from(Float32Array.from({ length: 24 }, (_, index) => index + 1).buffer).toString("base64")
      assert.deepStrictEqual(answers, { vectors: { count: 3, dimensions: 8, base64 } })
    }),
  )

  it.effect("says why there are none", () =>
    Effect.gen(function* () {
      const silent = answering(() => Effect.succeed({ outputTokens: 32 }))
      assert.deepStrictEqual(yield* ask(silent), { absent: "the backend does not return text" })
      assert.deepStrictEqual(yield* ask(silent, answerRequests(batch(2, 2), fakePrompts)), {
        absent: "the backend does not return vectors",
      })
      assert.deepStrictEqual(yield* ask(fake({ crashAt: 1 })), { absent: "Crashed: The engine ended." })
      assert.deepStrictEqual(yield* ask(fake({ hangAt: 1 })), { absent: "no answer within 1 s a request" })
    }),
  )

  it.effect("waits for a request that hangs as long as for one, not as long as for all", () =>
    Effect.gen(function* () {
      const requests = answerRequests(latency(1, 1), many)
      const asking = yield* Effect.forkChild(askForAnswers(fake({ hangAt: 0 }), requests, 1000))
      yield* TestClock.adjust("999 millis")
      assert.isUndefined(asking.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* Fiber.join(asking), { absent: "no answer within 1 s a request" })
      const slow = fake({ firstMs: 900, tokenMs: 1 })
      const patient = yield* Effect.forkChild(askForAnswers(slow, requests, 1000))
      yield* TestClock.adjust("10 seconds")
      assert.property(yield* Fiber.join(patient), "texts")
    }),
  )
})
