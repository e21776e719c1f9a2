import { assert, describe, it } from "@effect/vitest"
import type { DeviceValues, ReportedFields } from "@rigbook/core"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { gpuId } from "../../../testkit/src/FakeHosts.ts"
import { scriptedDevice } from "../../../testkit/src/FakeTelemetry.ts"
import { atRest } from "../../src/telemetry/AtRest.ts"

/** For how long a GPU is waited for that reports this `n` tenths of a second from now. */
const waited = Effect.fnUntraced(function* (
  values: (n: number) => ReportedFields,
  before: DeviceValues = {},
  devices = [gpuId(0)],
) {
  let looks = 0
  const open = scriptedDevice(gpuId(0), () => values(looks++))
  const start = yield* Clock.currentTimeMillis
  const began = [{ device: gpuId(0), values: before, absent: {} }]
  const fiber = yield* Effect.forkChild(atRest(open, began, devices).pipe(Effect.andThen(Clock.currentTimeMillis)))
  yield* TestClock.adjust("1 minute")
  return (yield* Fiber.join(fiber)) - start
})
const busy = (utilization: number, ...pids: ReadonlyArray<number>): ReportedFields => ({
  utilization: { value: utilization },
  processes: { value: pids.map((pid) => ({ pid })) },
})

describe("atRest", () => {
  it.effect("waits until the engine of the cell before is no longer reported", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* waited((n) => busy(n < 8 ? 0.9 : 0)), 800)
      assert.strictEqual(yield* waited((n) => (n < 3 ? busy(0, 7) : busy(0))), 300)
    }),
  )

  it.effect("does not wait for what was there when the run began, nor for other devices", () =>
    Effect.gen(function* () {
      const before = { utilization: 0.4, processes: [{ pid: 7 }] }
      assert.strictEqual(yield* waited(() => busy(0.42, 7), before), 0)
      assert.strictEqual(yield* waited(() => busy(0.9, 7), {}, [gpuId(1)]), 0)
      assert.strictEqual(yield* waited(() => ({})), 0)
    }),
  )

  it.effect("gives up after five seconds: it belongs to another program", () =>
    Effect.map(
      waited(() => busy(0.9, 7)),
      (ms) => assert.strictEqual(ms, 5_000),
    ),
  )
})
