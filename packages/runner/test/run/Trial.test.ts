import { assert, describe, it } from "@effect/vitest"
import { Refused, type Request, requestFailed, type Session, trialWork } from "@rigbook/core"
import { Effect, Struct } from "effect"
import { ttft } from "../../../records/src/metrics/Generation.ts"
import { fakeLog, fakeOptions, fakeSession } from "../../../testkit/src/FakeBackend.ts"
import { fakePrompts, scenario } from "../../../testkit/src/FakeCell.ts"
import { input, latency, outcome } from "./trials.ts"

describe("runTrial", () => {
  it.effect("stamps requests and chunks to the digit", () =>
    Effect.gen(function* () {
      const { error, sample } = yield* outcome(input({ firstMs: 123, tokenMs: 7 }, { requests: latency(4, 2) }))
      assert.isUndefined(error)
      const [first, second] = sample.requests
      assert.deepStrictEqual(
        { sentMs: first!.sentMs, chunkMs: first!.chunkMs, endMs: first!.endMs },
        { sentMs: 0, chunkMs: [123, 130, 137, 144], endMs: 144 },
      )
      assert.deepStrictEqual([second!.sentMs, ...second!.chunkMs], [144, 267, 274, 281, 288])
      assert.deepStrictEqual([first!.prompt, second!.prompt], [0, 1])
      assert.deepStrictEqual(ttft.measure(sample), { value: 123 })
    }),
  )

  it.effect("keeps what the engine reported, and which trial it was", () =>
    Effect.gen(function* () {
      const { sample } = yield* outcome(input({ cachedTokens: 9 }))
      assert.deepInclude(sample, { trial: 3, phase: "measured", opening: 1, loadMs: 77 })
      assert.deepInclude(sample.requests[0], {
        outcome: "ok",
        inputTokens: 100,
        outputTokens: 4,
        requestedTokens: 4,
        cachedTokens: 9,
        finish: "length",
      })
      assert.match(sample.requests[0]!.textSha256!, /^[0-9a-f]{64}$/)
      assert.notProperty(sample.requests[0], "text")
      assert.strictEqual(sample.memory.absent, "the backend reports no process")
    }),
  )

  it.effect("measures time to first token from when the request was sent, not from when the session was called", () =>
    Effect.gen(function* () {
      const session: Session = {
        ...fakeSession(fakeOptions({}), fakeLog()),
        send: (_, observer) =>
          Effect.gen(function* () {
            yield* Effect.sleep(1000)
            observer.sent()
            yield* Effect.sleep(50)
            observer.chunk(1)
            return { outputTokens: 1 }
          }),
      }
      const { sample } = yield* outcome(input({}, { session }))
      assert.deepStrictEqual(ttft.measure(sample), { value: 50 })
      assert.deepInclude(sample.requests[0], { sentMs: 1000, endMs: 1050 })
    }),
  )

  it.effect("tells the tokens of each chunk only when some chunk had more than one", () =>
    Effect.gen(function* () {
      const { sample: several } = yield* outcome(input({ perChunk: 3 }, { requests: latency(8) }))
      assert.deepStrictEqual(several.requests[0]!.chunkTokens, [3, 3, 2])
      const { sample: single } = yield* outcome(input({}, { requests: latency(8) }))
      assert.notProperty(single.requests[0], "chunkTokens")
    }),
  )

  it.effect("continues a conversation with the text of each answer, and stops where there is none", () =>
    Effect.gen(function* () {
      const kind = scenario({ kind: "multi-turn", prompts: "fake-prompts", turns: 3, outputTokens: 2 })
      const { requests } = trialWork(kind, fakePrompts, "")
      const sent: Array<Request> = []
      const silent = fakeSession(fakeOptions({}), fakeLog())
      const session = (text: string | undefined): Session => ({
        ...silent,
        send: (request, observer) => {
          sent.push(request)
          return Effect.map(silent.send(request, observer), (completion) => ({
            ...Struct.omit(completion, ["text"]),
            ...(text === undefined ? {} : { text }),
          }))
        },
      })
      const { error, sample } = yield* outcome(input({}, { session: session("yes"), requests }))
      assert.isUndefined(error)
      assert.deepStrictEqual(
        sample.requests.map(({ turn }) => turn),
        [0, 1, 2],
      )
      assert.deepStrictEqual(
        sent.map((request) =>
          request.task === "generate" && "messages" in request.prompt
            ? [request.conversation, request.prompt.messages.map(({ role }) => role[0]).join("")]
            : [],
        ),
        ["u", "uau", "uauau"].map((roles, turn) => [{ id: "measured-1-3", turn }, roles]),
      )
      const cut = yield* outcome(input({}, { session: session(undefined), requests }))
      assert.strictEqual(cut.error?.reason._tag, "Unsupported")
      assert.lengthOf(cut.sample.requests, 1)
    }),
  )

  it.effect("keeps what was drafted while it ran, where the engine counts that for all requests together", () =>
    Effect.gen(function* () {
      let read = 0
      const counts = Effect.sync(() => ({ draftedTokens: 10 + 40 * read, acceptedTokens: 5 + 30 * read++ }))
      const session = { ...fakeSession(fakeOptions({}), fakeLog()), drafts: counts }
      const { sample } = yield* outcome(input({}, { session }))
      assert.deepStrictEqual(sample.drafts, { draftedTokens: 40, acceptedTokens: 30 })
      const refused = Effect.fail(requestFailed("fake")(new Refused({ detail: "No.", fix: "-" }), { kind: "reset" }))
      for (const drafts of [refused, Effect.never]) {
        const without = yield* outcome(input({}, { session: { ...session, drafts } }))
        assert.notProperty(without.sample, "drafts")
        assert.isUndefined(without.error)
      }
    }),
  )

  it.effect("loses no chunk of long answers", () =>
    Effect.gen(function* () {
      const { sample } = yield* outcome(input({ tokenMs: 2, perChunk: 2 }, { requests: latency(5000) }))
      const { chunkMs, chunkTokens } = sample.requests[0]!
      assert.deepStrictEqual(
        chunkMs,
        Array.from({ length: 2500 }, (_, index) => 1 + 2 * index),
      )
      assert.deepStrictEqual(
        chunkTokens,
        Array.from({ length: 2500 }, () => 2),
      )
    }),
  )

  it.effect("ends at an error, and keeps it with what was observed until then", () =>
    Effect.gen(function* () {
      const log = fakeLog()
      const session = fakeSession(fakeOptions({ crashAt: 1 }), log)
      const { error, sample } = yield* outcome(input({}, { session, requests: latency(4, 3) }))
      assert.strictEqual(error?.reason._tag, "Crashed")
      assert.deepStrictEqual(
        sample.requests.map((request) => request.outcome),
        ["ok", "error"],
      )
      assert.deepInclude(sample.requests[1], { error: "The engine ended.", chunkMs: [], requestedTokens: 4 })
      assert.strictEqual(log.requests, 2)
    }),
  )
})
