import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { gpuId } from "../../../testkit/src/FakeHosts.ts"
import { scriptedDevice } from "../../../testkit/src/FakeTelemetry.ts"
import { coolDown, type HotDevice, temperatures } from "../../src/telemetry/CoolDown.ts"

/** Waits for a GPU that is idle at 40 °C: what was reported meanwhile, and how long it took. */
const cooled = Effect.fnUntraced(function* (temperature: (second: number) => number | undefined, devices = [gpuId(0)]) {
  let looks = 0
  const reported: Array<HotDevice> = []
  const open = scriptedDevice(gpuId(0), () => {
    const celsius = temperature(looks++)
    return celsius === undefined ? {} : { temperatureC: { value: celsius } }
  })
  const idle = new Map([[String(gpuId(0)), 40]])
  const start = yield* Clock.currentTimeMillis
  const fiber = yield* Effect.forkChild(
    coolDown(open, idle, devices, (hot) => Effect.sync(() => void reported.push(hot))).pipe(
      Effect.andThen(Clock.currentTimeMillis),
    ),
  )
  yield* TestClock.adjust("5 minutes")
  return { reported, seconds: ((yield* Fiber.join(fiber)) - start) / 1000 }
})

describe("coolDown", () => {
  it.effect("waits until a GPU is within 10 °C of what it was, telling each second", () =>
    Effect.gen(function* () {
      const { seconds, reported } = yield* cooled((second) => 53 - second)
      assert.deepStrictEqual([seconds, reported.length], [3, 3])
      assert.deepStrictEqual(reported[0], { device: gpuId(0), temperatureC: 53, untilC: 50 })
    }),
  )

  it.effect("gives up after a minute", () =>
    Effect.map(
      cooled(() => 90),
      ({ seconds }) => assert.strictEqual(seconds, 60),
    ),
  )

  it.effect("has nothing to wait for without a sensor, or when another GPU is hot", () =>
    Effect.gen(function* () {
      for (const one of [
        yield* cooled(() => undefined),
        yield* cooled(() => 90, [gpuId(1)]),
        yield* cooled(() => 90, []),
      ])
        assert.deepStrictEqual(one, { reported: [], seconds: 0 })
      assert.strictEqual(temperatures({ sources: [], problems: [] }).size, 0)
    }),
  )
})
