import { assert, describe, it } from "@effect/vitest"
import type { DeviceValues } from "@rigbook/core"
import { gpuId } from "../../../testkit/src/FakeHosts.ts"
import { trialSample } from "../../../testkit/src/FakeSamples.ts"
import { telemetryOpening, telemetryReading } from "../../../testkit/src/FakeTelemetry.ts"
import { observeDevices } from "../../src/verdict/ObserveDevices.ts"

const [A, B] = [gpuId(0), gpuId(1)]
describe("observeDevices", () => {
  const observe = (values: (n: number) => Readonly<Record<string, DeviceValues>>) =>
    observeDevices(
      [telemetryOpening(2, (n) => telemetryReading(n, { devices: values(n) }))],
      [0, 1].map((trial) => trialSample({ trial })),
    )

  it("takes the largest of each value over the measured trials", () => {
    const [a, b] = observe((n) => ({
      [A]: {
        usedBytes: 100 + n,
        utilization: n / 100,
        processes: n === 0 ? [] : [{ pid: 1, bytes: n, owner: "ours" }],
      },
      [B]: { usedBytes: 7, processes: [] },
    }))
    assert.deepStrictEqual(a, {
      device: A,
      engine: "here",
      processBytes: { value: 22 },
      usedDeltaBytes: { value: 22 },
      utilization: { value: 0.22 },
      idleUtilization: 0,
    })
    assert.deepInclude(b, { device: B, engine: "not here", usedDeltaBytes: { value: 0 } })
    assert.property(b!.utilization, "absent")
  })

  it("keeps how busy it was before the engine, and whether others are there", () => {
    const [a] = observe((n) => ({
      [A]: { utilization: n === 0 ? 0.3 : 0.9, processes: n === 9 ? [{ pid: 1, owner: "foreign" }] : [] },
    }))
    assert.deepInclude(a, { idleUtilization: 0.3, utilization: { value: 0.9 }, others: true })
  })

  it("claims nothing of where the engine is not when it is recognised nowhere", () => {
    const [a] = observe(() => ({ [A]: { processes: [{ pid: 1, bytes: 9, owner: "unknown" }] } }))
    assert.strictEqual(a!.engine, "untold")
    assert.property(a!.processBytes, "absent")
    assert.deepStrictEqual(observeDevices([], [trialSample()]), [])
  })
})
