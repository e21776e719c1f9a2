import { assert, describe, it } from "@effect/vitest"
import { Refused, requestFailed, type Session } from "@rigbook/core"
import { Effect } from "effect"
import { outputTps, ttft } from "../../../records/src/metrics/Generation.ts"
import { sendLag } from "../../../records/src/metrics/Load.ts"
import { fakeLog, fakeOptions, fakeSession } from "../../../testkit/src/FakeBackend.ts"
import { CLOSED, failing, input, loaded, work } from "./trials.ts"

describe("runTrial under a load, of a server that has too much to do", () => {
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
