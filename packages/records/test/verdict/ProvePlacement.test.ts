import { assert, describe, it } from "@effect/vitest"
import { CPU, Effective, type ObservedDevice, Placement } from "@rigbook/core"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import { provePlacement } from "../../src/verdict/ProvePlacement.ts"

const [A, B] = [gpuId(0), gpuId(1)]
const [MIB, GIB] = [2 ** 20, 2 ** 30]
const host = fakeHost([8 * GIB, 8 * GIB])
const on = (...devices: readonly [typeof A, ...ReadonlyArray<typeof A>]) => ({
  host,
  placement: new Placement({ strategy: "single", devices: [...devices] }),
})
const onCpu = on(CPU)
const effective = (devices: ReadonlyArray<typeof A>, bytes = 0) =>
  new Effective({
    devices,
    settings: {},
    buffers: bytes === 0 ? [] : devices.map((device) => ({ device, kind: "model", bytes })),
  })
const observed = (device: typeof A, change: Partial<ObservedDevice> = {}): ObservedDevice => ({
  device,
  engine: "untold",
  processBytes: { absent: "not listed" },
  usedDeltaBytes: { absent: "not read" },
  utilization: { absent: "not read" },
  ...change,
})
/** A device whose memory in use grew by so much. */
const grew = (device: typeof A, bytes: number, change: Partial<ObservedDevice> = {}) =>
  observed(device, { usedDeltaBytes: { value: bytes }, ...change })
const busy = (device: typeof A, during: number, before: number) =>
  observed(device, { utilization: { value: during }, idleUtilization: before })
const state = (...[cell, says, devices]: Parameters<typeof provePlacement>) => provePlacement(cell, says, devices).state

describe("provePlacement", () => {
  it("is verified by the engine and one witness: a process, memory in use, or utilization while it ran", () => {
    const listed = [observed(A, { engine: "here" }), observed(B, { engine: "not here" })]
    assert.strictEqual(state(on(A), effective([A]), listed), "verified")
    assert.strictEqual(state(on(A), effective([A], GIB), [grew(A, 1.2 * GIB)]), "verified")
    assert.strictEqual(state(on(A), effective([A], 90 * MIB), [grew(A, 200 * MIB)]), "verified")
    assert.strictEqual(state(on(A), effective([A], 90 * MIB), [busy(A, 0.9, 0.05)]), "verified")
    const alone = { host: fakeHost(), placement: new Placement({ strategy: "cpu", devices: [CPU] }) }
    assert.strictEqual(state(alone, effective([CPU]), []), "verified")
  })

  it("is unverified by what would have been the same elsewhere, and says which witness is missing", () => {
    const { evidence, missing, state: found } = provePlacement(on(A), effective([A], 600 * MIB), [grew(A, 0)])
    assert.strictEqual(found, "unverified")
    assert.deepStrictEqual(
      evidence.map(({ from }) => from),
      ["engine"],
    )
    assert.deepStrictEqual(missing, [
      `${A}: the driver lists no process of the engine; ` +
        "memory in use grew by 0 MiB, the engine reports 600 MiB, and 64 MiB come and go by themselves; utilization: not read",
    ])
    assert.strictEqual(state(on(A), effective([A], 600 * MIB), [grew(A, 300 * MIB)]), "unverified")
    assert.strictEqual(state(on(A), effective([A], 20 * MIB), [grew(A, 40 * MIB)]), "unverified")
    assert.strictEqual(state(on(A), effective([A]), [busy(A, 0.4, 0.35)]), "unverified")
    const unknown = observed(A, { utilization: { value: 0.9 } })
    assert.strictEqual(state(on(A), effective([A]), [unknown]), "unverified", "it may have been as busy before")
    assert.strictEqual(state(on(A), effective([A]), []), "unverified")
    assert.strictEqual(state(on(A), undefined, []), "unverified")
  })

  it("takes no memory and no work for the engine's where the driver lists others", () => {
    const others = { others: true, utilization: { value: 1 }, idleUtilization: 0 }
    const { missing, state: found } = provePlacement(on(A), effective([A], GIB), [grew(A, 2 * GIB, others)])
    assert.strictEqual(found, "unverified")
    assert.match(missing![0]!, /memory in use may be .*; utilization may be that of the other processes there$/)
  })

  it("needs a witness of each device of a split", () => {
    const both = on(A, B)
    assert.strictEqual(state(both, effective([A, B], GIB), [grew(A, GIB), busy(B, 0.5, 0)]), "verified")
    const { evidence, missing, state: found } = provePlacement(both, effective([A, B], 200 * MIB), [grew(A, GIB)])
    assert.strictEqual(found, "unverified")
    assert.deepStrictEqual(missing, [`nothing outside of the engine reads ${B}`])
    assert.deepStrictEqual(
      evidence.map(({ from }) => from),
      ["engine", "memory in use"],
    )
  })

  it("is partial where witnesses agree and the engine does not say", () => {
    assert.strictEqual(state(on(A), effective([]), [observed(A, { engine: "here" })]), "partial")
  })

  it("is verified on the processor of a host with GPUs where these take no memory and do no work", () => {
    const rest = [A, B].map((id) => grew(id, MIB, { utilization: { value: 0.04 }, idleUtilization: 0 }))
    assert.strictEqual(state(onCpu, effective([CPU]), rest), "verified")
    assert.strictEqual(state(onCpu, effective([CPU]), rest.slice(0, 1)), "unverified")
    for (const change of [
      { usedDeltaBytes: { value: GIB } },
      { utilization: { value: 0.5 } },
      { usedDeltaBytes: { absent: "not read" } },
      { utilization: { absent: "not read" } },
    ])
      assert.strictEqual(state(onCpu, effective([CPU]), [{ ...rest[0]!, ...change }, rest[1]!]), "unverified")
    assert.strictEqual(state(onCpu, effective([CPU]), []), "unverified", "nobody reads the GPUs")
  })

  it("is contradicted by a process elsewhere, a GPU without one, and memory that nobody uses", () => {
    const elsewhere = [
      observed(A, { engine: "not here" }),
      observed(B, { engine: "here", processBytes: { value: GIB } }),
    ]
    assert.strictEqual(state(on(A), effective([A]), elsewhere), "contradicted")
    assert.strictEqual(
      state(onCpu, effective([CPU]), [observed(A, { engine: "here", processBytes: { value: 5 } })]),
      "contradicted",
    )
    assert.strictEqual(state(on(A), effective([A], 4 * GIB), [grew(A, GIB)]), "contradicted")
    assert.strictEqual(state(on(A), effective([B]), []), "contradicted")
  })

  it("lets a driver's context be on another GPU", () => {
    const context = [
      observed(A, { engine: "here" }),
      observed(B, { engine: "here", processBytes: { value: 400 * MIB } }),
    ]
    assert.strictEqual(state(on(A), effective([A]), context), "verified")
  })
})
