import { assert, describe, it } from "@effect/vitest"
import type { Request, Session } from "@rigbook/core"
import { backendError, Crashed, Refused, requestFailed } from "@rigbook/core"
import type { FailureKind } from "@rigbook/core"
import { trialWork } from "@rigbook/core"
import { Effect, Fiber, Struct } from "effect"
import { TestClock } from "effect/testing"
import { outputTps, ttft } from "../../../records/src/metrics/Generation.ts"
import { sendLag } from "../../../records/src/metrics/Load.ts"
import { fakeLog, type FakeOptions, fakeOptions, fakeSession } from "../../../testkit/src/FakeBackend.ts"
import { fakePrompts, protocol, scenario } from "../../../testkit/src/FakeCell.ts"
import { ClientMonitor } from "../../src/run/ClientMonitor.ts"
import { runTrial, type TrialInput } from "../../src/run/Trial.ts"

const latency = (outputTokens: number, requests = 1) =>
  trialWork(scenario({ kind: "latency", prompts: "fake-prompts", requests, outputTokens }), fakePrompts, "").requests
const BATCH = scenario({ kind: "batch", prompts: "fake-prompts", documents: 5, batchSize: 2 })
const batch = trialWork(BATCH, fakePrompts, "").requests

const input = (options: Partial<FakeOptions>, change: Partial<TrialInput> = {}): TrialInput => ({
  backend: "fake",
  session: fakeSession(fakeOptions(options), fakeLog()),
  requests: latency(4),
  protocol: protocol({ requestTimeoutMs: 60_000, stallTimeoutMs: 5_000 }),
  trial: 3,
  phase: "measured",
  opening: 1,
  loadMs: 77,
  ...change,
})

/** The trial's outcome after at most ten minutes of the test's own clock. */
const outcome = Effect.fnUntraced(function* (trial: TrialInput) {
  const fiber = yield* Effect.forkChild(runTrial(trial))
  yield* TestClock.adjust("10 minutes")
  return yield* Fiber.join(fiber)
})

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
      const refused = {
        ...session,
        drafts: Effect.fail(requestFailed("fake")(new Refused({ detail: "No.", fix: "-" }), { kind: "reset" })),
      }
      const without = yield* outcome(input({}, { session: refused }))
      assert.notProperty(without.sample, "drafts")
      assert.isUndefined(without.error)
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

describe("runTrial under a load", () => {
  const READINGS = { delayP99Ms: 0.2, delayMaxMs: 3, utilization: 0.1, cpuMs: 12 }
  const loaded = (trial: TrialInput) =>
    Effect.provideService(outcome(trial), ClientMonitor, Effect.succeed(Effect.succeed(READINGS)))
  const work = (of: object) =>
    trialWork(scenario({ prompts: "fake-prompts", outputTokens: 3, cache: "repeated", ...of }), fakePrompts, "m")
  const CLOSED = { kind: "concurrency", streams: 2, requests: 5, slo: { ttft: 10 } }
  /** Fails the requests with these numbers, in the order in which they come, in these ways. */
  const failing = (kinds: Readonly<Record<number, FailureKind>>): Session => {
    const session = fakeSession(fakeOptions({ firstMs: 10, tokenMs: 5 }), fakeLog())
    let count = 0
    return {
      ...session,
      send: (request, observer) => {
        const kind = kinds[count++]
        const status = kind === "refused" ? { status: 429 } : {}
        if (kind === undefined) return session.send(request, observer)
        return kind === "engine"
          ? Effect.fail(backendError("fake")(new Crashed({ detail: "It ended.", fix: "Read its log." })))
          : Effect.fail(requestFailed("fake")(new Refused({ detail: "No.", fix: "Ask again." }), { kind, ...status }))
      },
    }
  }

  it.effect("keeps its streams busy, and samples in the order in which requests began", () =>
    Effect.gen(function* () {
      const { error, sample } = yield* loaded(input({ firstMs: 10, tokenMs: 5 }, work(CLOSED)))
      assert.isUndefined(error)
      assert.deepStrictEqual(
        sample.requests.map(({ chunkMs, prompt, sentMs }) => [prompt, sentMs, ...chunkMs]),
        [
          [0, 0, 10, 15, 20],
          [1, 0, 10, 15, 20],
          [2, 20, 30, 35, 40],
          [0, 20, 30, 35, 40],
          [1, 40, 50, 55, 60],
        ],
      )
      assert.deepStrictEqual([sample.slo, sample.client], [{ ttft: 10 }, READINGS])
      assert.deepStrictEqual(outputTps.measure(sample), { value: 250 })
    }),
  )

  it.effect("counts requests that fail by kind, and continues with the others", () =>
    Effect.gen(function* () {
      const session = failing({ 1: "refused", 3: "stalled" })
      const { error, sample } = yield* loaded(input({}, { ...work(CLOSED), session }))
      assert.isUndefined(error)
      assert.deepStrictEqual(
        sample.requests.map(({ failure, outcome: how, status }) => [how, failure, status]),
        [
          ["ok", undefined, undefined],
          ["error", "refused", 429],
          ["ok", undefined, undefined],
          ["error", "stalled", undefined],
          ["ok", undefined, undefined],
        ],
      )
    }),
  )

  it.effect("ends when the engine has ended", () =>
    Effect.gen(function* () {
      const { error, sample } = yield* loaded(input({ crashAt: 2 }, work({ ...CLOSED, requests: 9 })))
      assert.strictEqual(error?.reason._tag, "Crashed")
      assert.deepStrictEqual(
        sample.requests.map(({ failure }) => failure),
        [undefined, undefined, "engine"],
      )
    }),
  )

  it.effect("counts an open loop's latency from when each request was due, however slow the engine", () =>
    Effect.gen(function* () {
      const open = { kind: "open-loop", arrivals: "constant", rate: 100, requests: 4 }
      const late: Session = {
        ...fakeSession(fakeOptions({}), fakeLog()),
        send: (_, observer) =>
          Effect.gen(function* () {
            yield* Effect.sleep(7) // until there is a connection
            observer.sent()
            yield* Effect.sleep(50)
            observer.chunk(1)
            return { outputTokens: 1 }
          }),
      }
      const { sample } = yield* loaded(input({}, { ...work(open), session: late }))
      assert.deepStrictEqual(
        sample.requests.map(({ chunkMs, scheduledMs, sentMs }) => [scheduledMs, sentMs, ...chunkMs]),
        [
          [0, 7, 57],
          [10, 17, 67],
          [20, 27, 77],
          [30, 37, 87],
        ],
      )
      assert.deepStrictEqual([ttft.measure(sample), sendLag.measure(sample)], [{ value: 57 }, { value: 7 }])
    }),
  )

  describe("of a server that has too much to do", () => {
    /** Takes one request at 429 until so many have been sent to it, and names a time or none. */
    const refusing = (times: number, retryAfterS?: number): Session => {
      const session = fakeSession(fakeOptions({ firstMs: 10, tokenMs: 5 }), fakeLog())
      let left = times
      return {
        ...session,
        send: (request, observer) => {
          if (left-- <= 0) return session.send(request, observer)
          observer.sent()
          const failure = {
            kind: "refused",
            status: 429,
            ...(retryAfterS === undefined ? {} : { retryAfterS }),
          } as const
          return Effect.fail(requestFailed("fake")(new Refused({ detail: "Busy.", fix: "Wait." }), failure))
        },
      }
    }
    const retried = (session: Session, retry: object | undefined, of: object = {}) =>
      Effect.map(
        loaded(input({}, { ...work({ ...CLOSED, streams: 1, requests: 1, ...of, ...(retry && { retry }) }), session })),
        ({ sample }) => sample,
      )

    it.effect("counts that as a failure, unless it is asked to send again", () =>
      Effect.gen(function* () {
        const [request] = (yield* retried(refusing(1, 3), undefined)).requests
        assert.deepInclude(request, { failure: "refused", status: 429, endMs: 0 })
        assert.notProperty(request, "retries")
      }),
    )

    it.effect("waits as long as the server says, and counts that time in no latency", () =>
      Effect.gen(function* () {
        const sample = yield* retried(refusing(2, 3), {})
        assert.deepInclude(sample.requests[0], { outcome: "ok", retries: 2, waitedMs: 6000, sentMs: 6000 })
        assert.deepStrictEqual(ttft.measure(sample), { value: 10 })
        const rate = outputTps.measure(sample)
        assert.isTrue("value" in rate && Math.abs(rate.value - 3000 / 6020) < 1e-9, "the rate has the wait in it")
      }),
    )

    it.effect("keeps it out of an open loop's latency and send lag too", () =>
      Effect.gen(function* () {
        const open = { kind: "open-loop", arrivals: "constant", rate: 100, requests: 2 }
        const sample = yield* retried(refusing(1, 1), {}, open)
        assert.deepStrictEqual(
          sample.requests.map(({ retries, scheduledMs, sentMs }) => [scheduledMs, sentMs, retries]),
          [
            [0, 1000, 1],
            [10, 10, undefined],
          ],
        )
        assert.deepStrictEqual([ttft.measure(sample), sendLag.measure(sample)], [{ value: 10 }, { value: 0 }])
      }),
    )

    it.effect("waits twice as long each time where no time is named, and gives up after so many", () =>
      Effect.gen(function* () {
        const twice = yield* retried(refusing(2), { waitMs: 100 })
        assert.deepInclude(twice.requests[0], { outcome: "ok", retries: 2, waitedMs: 300 })
        const often = yield* retried(refusing(9), { attempts: 2, waitMs: 100 })
        assert.deepInclude(often.requests[0], { failure: "refused", retries: 2, waitedMs: 300 })
        const long = yield* retried(refusing(1, 61), {})
        assert.deepInclude(long.requests[0], { failure: "refused" })
        assert.notProperty(long.requests[0], "retries")
      }),
    )

    it.effect("sends nothing again that failed in another way", () =>
      Effect.gen(function* () {
        const { requests } = yield* retried(failing({ 0: "reset", 1: "stalled" }), {}, { requests: 2 })
        assert.deepStrictEqual(
          requests.map(({ failure, retries }) => [failure, retries]),
          [
            ["reset", undefined],
            ["stalled", undefined],
          ],
        )
      }),
    )
  })

  it.effect("tells the engine each request's name, and where thoughts ended", () =>
    Effect.gen(function* () {
      const names: Array<string> = []
      const thinking: Session = {
        ...fakeSession(fakeOptions({}), fakeLog()),
        send: (request, observer) =>
          Effect.sync(() => {
            if (request.task === "generate") names.push(request.id ?? "none")
            for (const reasoning of [true, true, false, true]) observer.chunk(1, reasoning)
            return { outputTokens: 4 }
          }),
      }
      const { sample } = yield* loaded(input({}, { ...work(CLOSED), session: thinking }))
      assert.deepStrictEqual(names, ["measured-3-0", "measured-3-1", "measured-3-2", "measured-3-3", "measured-3-4"])
      assert.strictEqual(sample.requests[0]!.reasoningChunks, 2)
    }),
  )
})

describe("deadlines of runTrial", () => {
  const timesOut = Effect.fnUntraced(function* (trial: TrialInput, says: string, notBefore: number, by: number) {
    const { error, sample } = yield* outcome(trial)
    assert.strictEqual(error?.reason._tag, "TimedOut")
    assert.strictEqual(error?.reason.detail, says)
    const last = sample.requests.at(-1)!
    assert.strictEqual(last.outcome, "timeout")
    assert.isTrue(last.endMs >= notBefore && last.endMs <= by, `ended at ${last.endMs}`)
    return last
  })

  it.effect("ends a request that never answers", () =>
    timesOut(input({ hangAt: 0 }), "The engine sent nothing for 5 s.", 5000, 6000),
  )

  it.effect("has a deadline of its own for the first token, and says which was missed", () =>
    Effect.gen(function* () {
      const hasty = protocol({ requestTimeoutMs: 60_000, stallTimeoutMs: 5_000, firstTokenTimeoutMs: 500 })
      const first = input({ firstMs: 501 }, { protocol: hasty })
      const last = yield* timesOut(first, "The engine sent nothing for 0.5 s.", 500, 500)
      assert.strictEqual(last.failure, "no-first-token")
      const patient = input({ firstMs: 499, tokenMs: 5001 }, { protocol: hasty })
      const stalled = yield* timesOut(patient, "The engine sent nothing for 5 s.", 5499, 5499)
      assert.strictEqual(stalled.failure, "stalled")
    }),
  )

  it.effect("ends a request that falls silent in the middle, and keeps its chunks", () =>
    Effect.gen(function* () {
      const silent: Session = {
        ...fakeSession(fakeOptions({}), fakeLog()),
        send: (_, observer) =>
          Effect.gen(function* () {
            observer.sent()
            yield* Effect.sleep(4000)
            observer.chunk(1)
            return yield* Effect.never
          }),
      }
      const last = yield* timesOut(input({}, { session: silent }), "The engine sent nothing for 5 s.", 9000, 10_000)
      assert.deepStrictEqual(last.chunkMs, [4000])
    }),
  )

  it.effect("lets a slow engine go on as long as it writes", () =>
    Effect.gen(function* () {
      const { error, sample } = yield* outcome(input({ firstMs: 4900, tokenMs: 4900 }, { requests: latency(10) }))
      assert.isUndefined(error)
      assert.strictEqual(sample.requests[0]!.chunkMs.length, 10)
    }),
  )

  it.effect("ends a request that takes too long as a whole", () =>
    timesOut(
      input({ tokenMs: 4000 }, { requests: latency(1000) }),
      "The engine did not finish a request for 60 s.",
      60_000,
      60_000,
    ),
  )

  it.effect("does not take an embedding call's silence for a stall, but ends one that hangs", () =>
    Effect.gen(function* () {
      const { error, sample } = yield* outcome(input({ firstMs: 59_000 }, { requests: batch }))
      assert.isUndefined(error)
      const { documents, endMs, outcome: how } = sample.requests[0]!
      assert.deepStrictEqual({ documents, endMs, how }, { documents: 5, endMs: 59_000, how: "ok" })
      yield* timesOut(
        input({ hangAt: 0 }, { requests: batch }),
        "The engine did not finish a request for 60 s.",
        60_000,
        60_000,
      )
    }),
  )

  it.effect("counts the deadlines of each request afresh", () =>
    Effect.gen(function* () {
      const { error, sample } = yield* outcome(input({ firstMs: 4500, tokenMs: 4500 }, { requests: latency(5, 4) }))
      assert.isUndefined(error)
      assert.strictEqual(sample.requests.length, 4)
    }),
  )
})
