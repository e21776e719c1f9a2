import { assert, describe, it } from "@effect/vitest"
import { Effective } from "@rigbook/core"
import { CPU } from "@rigbook/core"
import { Placement } from "@rigbook/core"
import type { ObservedDevice } from "@rigbook/core"
import type { DeviceValues } from "@rigbook/core"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import { trialSample } from "../../../testkit/src/FakeSamples.ts"
import { telemetryOpening, telemetryReading } from "../../../testkit/src/FakeTelemetry.ts"
import { observeDevices, provePlacement } from "../../src/verdict/ObserveDevices.ts"

const [A, B] = [gpuId(0), gpuId(1)]
const GIB = 2 ** 30
const host = fakeHost([8 * GIB, 8 * GIB])
const on = (...devices: readonly [typeof A, ...ReadonlyArray<typeof A>]) => ({
  host,
  placement: new Placement({ strategy: "single", devices: [...devices] }),
})
const effective = (devices: ReadonlyArray<typeof A>, bytes = 0) =>
  new Effective({
    devices,
    settings: {},
    buffers: bytes === 0 ? [] : devices.map((device) => ({ device, kind: "model", bytes })),
  })
const seen = (device: typeof A, change: Partial<ObservedDevice> = {}): ObservedDevice => ({
  device,
  engine: "untold",
  processBytes: { absent: "not listed" },
  usedDeltaBytes: { absent: "not read" },
  utilization: { absent: "not read" },
  ...change,
})

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
    })
    assert.deepInclude(b, { device: B, engine: "not here", usedDeltaBytes: { value: 0 } })
    assert.property(b!.utilization, "absent")
  })

  it("claims nothing of where the engine is not when it is recognised nowhere", () => {
    const [a] = observe(() => ({ [A]: { processes: [{ pid: 1, bytes: 9, owner: "unknown" }] } }))
    assert.strictEqual(a!.engine, "untold")
    assert.property(a!.processBytes, "absent")
    assert.deepStrictEqual(observeDevices([], [trialSample()]), [])
  })
})

describe("provePlacement", () => {
  const state = (...[cell, told, devices]: Parameters<typeof provePlacement>) =>
    provePlacement(cell, told, devices).state

  it("is verified when the engine and something outside of it agree", () => {
    assert.strictEqual(
      state(on(A), effective([A]), [seen(A, { engine: "here" }), seen(B, { engine: "not here" })]),
      "verified",
    )
    assert.strictEqual(
      state(on(A), effective([A], GIB), [seen(A, { usedDeltaBytes: { value: 1.2 * GIB } })]),
      "verified",
    )
    const alone = { host: fakeHost(), placement: new Placement({ strategy: "cpu", devices: [CPU] }) }
    assert.strictEqual(state(alone, effective([CPU]), []), "verified")
  })

  it("is partial by one of them, and unverified by none", () => {
    assert.strictEqual(state(on(A), effective([A]), [seen(A)]), "partial")
    assert.strictEqual(state(on(A), effective([]), [seen(A, { engine: "here" })]), "partial")
    assert.strictEqual(state(on(A), undefined, []), "unverified")
  })

  it("is contradicted by a process elsewhere, a GPU without one, and memory that nobody uses", () => {
    const elsewhere = [seen(A, { engine: "not here" }), seen(B, { engine: "here", processBytes: { value: GIB } })]
    assert.strictEqual(state(on(A), effective([A]), elsewhere), "contradicted")
    const onCpu = { host, placement: new Placement({ strategy: "cpu", devices: [CPU] }) }
    assert.strictEqual(
      state(onCpu, effective([CPU]), [seen(A, { engine: "here", processBytes: { value: 5 } })]),
      "contradicted",
    )
    assert.strictEqual(
      state(on(A), effective([A], 4 * GIB), [seen(A, { usedDeltaBytes: { value: GIB } })]),
      "contradicted",
    )
    assert.strictEqual(state(on(A), effective([B]), []), "contradicted")
  })

  it("lets a driver's context be on another GPU", () => {
    const context = [seen(A, { engine: "here" }), seen(B, { engine: "here", processBytes: { value: 400 * 2 ** 20 } })]
    assert.strictEqual(state(on(A), effective([A]), context), "verified")
  })
})
