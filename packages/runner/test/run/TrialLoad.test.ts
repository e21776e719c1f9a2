import { assert, describe, it } from "@effect/vitest"
import type { Session } from "@rigbook/core"
import { Effect } from "effect"
import { outputTps, ttft } from "../../../records/src/metrics/Generation.ts"
import { sendLag } from "../../../records/src/metrics/Load.ts"
import { fakeLog, fakeOptions, fakeSession } from "../../../testkit/src/FakeBackend.ts"
import { CLOSED, failing, input, loaded, READINGS, work } from "./trials.ts"

describe("runTrial under a load", () => {
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

  it.effect("reads what was drafted before its clock starts, so that no request that is due waits for it", () =>
    Effect.gen(function* () {
      const open = { kind: "open-loop", arrivals: "constant", rate: 100, requests: 2 }
      const counts = Effect.as(Effect.sleep(300), { draftedTokens: 4, acceptedTokens: 2 })
      const session = { ...fakeSession(fakeOptions({ firstMs: 10 }), fakeLog()), drafts: counts }
      const { sample } = yield* loaded(input({}, { ...work(open), session }))
      assert.deepStrictEqual([ttft.measure(sample), sendLag.measure(sample)], [{ value: 10 }, { value: 0 }])
      assert.deepStrictEqual(sample.drafts, { draftedTokens: 0, acceptedTokens: 0 })
    }),
  )

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
