import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { requestIssues, resolvePlacement } from "../../../runner/src/plan/ResolvePlacement.ts"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import { CPU, Device, DeviceId, type Host } from "../../src/host/Host.ts"
import { Demand } from "../../src/placement/Demand.ts"
import { cpu, Placement, placementName, Refusal, single, type Strategy } from "../../src/placement/Placement.ts"
import type { PlacementRequest } from "../../src/scenario/ModelConfig.ts"

const GIB = 2 ** 30
const demandOf = (bytes: number) =>
  new Demand({ parts: [{ name: "weights", bytes, basis: "exact", formula: "given by the test" }] })
const input = (need: number, host: Host) => ({
  host,
  model: fakeModel(),
  demand: demandOf(need),
  demandOf: ({ devices }: Placement) => devices.map((device) => ({ device, parts: demandOf(need).parts })),
  config: undefined,
})
const resolve = (
  requested: PlacementRequest,
  need: number,
  gpus: ReadonlyArray<number>,
  strategies: ReadonlyArray<Strategy<unknown>> = [single, cpu],
) => resolvePlacement(requested, input(need, fakeHost(gpus)), strategies)
const devicesOf = (placed: Result.Result<Placement, string>) => Result.getOrThrow(placed).devices
const refusalOf = (placed: Result.Result<Placement, string>) => Result.getOrThrow(Result.flip(placed))

const Bytes = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 64 * GIB }))
const Gpus = Schema.Array(Bytes).check(Schema.isMaxLength(4))

describe("strategies", () => {
  it.prop(
    "place on devices of the host that are large enough, and the same every time",
    { gpus: Gpus, need: Bytes },
    ({ gpus, need }) => {
      const host = fakeHost(gpus)
      for (const { id, place } of [single, cpu]) {
        const placed = place(input(need, host))
        assert.deepStrictEqual(place(input(need, fakeHost(gpus))), placed)
        if (Result.isFailure(placed)) {
          const free = host.devices
            .filter(({ kind }) => (kind === "gpu") === (id === "single"))
            .map(({ freeBytes }) => freeBytes!)
          assert.isTrue(free.every((bytes) => bytes < need))
          continue
        }
        const free = placed.success.map(({ devices, strategy }) => {
          assert.strictEqual(strategy, id)
          assert.lengthOf(devices, 1)
          return host.devices.find((device) => device.id === devices[0])!.freeBytes!
        })
        assert.isTrue(free.every((bytes) => bytes >= need))
        assert.deepStrictEqual(
          free,
          free.toSorted((a, b) => b - a),
          "the one with most free memory first",
        )
      }
    },
  )

  it("say why they refuse", () => {
    const refusal = (strategy: Strategy<unknown>, need: number, gpus: ReadonlyArray<number>) => {
      const placed = strategy.place(input(need, fakeHost(gpus)))
      return Result.getOrThrow(Result.flip(placed)).reason
    }
    assert.strictEqual(refusal(single, 1, []), "this host has no GPU")
    assert.strictEqual(
      refusal(single, 9 * GIB, [GIB, 4 * GIB]),
      "needs 9.00 GiB, Fake GPU 1 has 4.00 GiB free: 5.00 GiB too little",
    )
    assert.strictEqual(refusal(cpu, 9 * GIB, []), "needs 9.00 GiB, host memory has 8.00 GiB free: 1.00 GiB too little")
  })
})

describe("resolvePlacement", () => {
  it("takes the first strategy that has a placement for `auto`", () => {
    assert.deepStrictEqual(devicesOf(resolve("auto", GIB, [2 * GIB, 3 * GIB])), [gpuId(1)])
    assert.deepStrictEqual(devicesOf(resolve("auto", 4 * GIB, [2 * GIB])), [CPU])
    assert.deepStrictEqual(devicesOf(resolve("auto", GIB, [2 * GIB], [cpu, single])), [CPU])
  })

  it("finds a device by its index or its id", () => {
    for (const name of ["cuda:0", gpuId(0)])
      assert.deepStrictEqual(devicesOf(resolve(name, GIB, [2 * GIB, 3 * GIB])), [gpuId(0)])
    assert.deepStrictEqual(devicesOf(resolve("cpu", GIB, [2 * GIB])), [CPU])
  })

  it("speaks of the device that was requested, not of a larger one", () => {
    assert.strictEqual(
      refusalOf(resolve("cuda:0", 5 * GIB, [GIB, 30 * GIB])),
      "no placement is possible: single: needs 5.00 GiB, Fake GPU 0 has 1.00 GiB free: 4.00 GiB too little",
    )
  })

  it("gives every strategy's reason when nothing fits", () => {
    assert.strictEqual(
      refusalOf(resolve("auto", 40 * GIB, [GIB])),
      "no placement is possible: single: needs 40.00 GiB, Fake GPU 0 has 1.00 GiB free: 39.00 GiB too little; cpu: needs 40.00 GiB, host memory has 8.00 GiB free: 32.00 GiB too little",
    )
    assert.strictEqual(refusalOf(resolve("cpu", GIB, [2 * GIB], [single])), "no strategy places it on cpu")
  })

  it("names the devices there are when one is unknown", () => {
    assert.strictEqual(refusalOf(resolve("cuda:1", GIB, [])), 'unknown device "cuda:1"; this host has cpu')
    assert.strictEqual(
      refusalOf(resolve("cuda0", GIB, [GIB])),
      'unknown device "cuda0"; this host has cpu, cuda:0, GPU-fake-0; did you mean "cuda:0"?',
    )
  })

  it.prop(
    "gives a known device or a sentence, and the same every time",
    { gpus: Gpus, need: Bytes, name: Schema.String },
    ({ gpus, name, need }) => {
      for (const requested of ["auto", "cpu", "cuda:0", "cuda:3", name]) {
        const placed = resolve(requested, need, gpus)
        assert.deepStrictEqual(resolve(requested, need, gpus), placed)
        if (Result.isFailure(placed)) assert.isNotEmpty(placed.failure)
        else for (const id of placed.success.devices) assert.include([CPU, ...gpus.map((_, index) => gpuId(index))], id)
        if (need > 8 * GIB && gpus.every((free) => free < need)) assert.isTrue(Result.isFailure(placed))
      }
    },
  )
})

/** As many copies on the processor as requested. */
const copies: Strategy<unknown> = {
  id: "copies",
  place: ({ degree }) =>
    Result.succeed([
      new Placement({ strategy: "copies", devices: [CPU], ...(degree === undefined ? {} : { degree }) }),
    ]),
}

/** Over all devices that it is given, as one layer each. */
const spread: Strategy<unknown> = {
  id: "spread",
  onlyNamed: true,
  place: ({ host, split }) => {
    const [first, ...rest] = host.devices.slice(1).map(({ id }) => id)
    return first === undefined
      ? Result.fail(new Refusal({ strategy: "spread", reason: "there is nothing to spread over" }))
      : Result.succeed([
          new Placement({ strategy: "spread", devices: [first, ...rest], ...(split === undefined ? {} : { split }) }),
        ])
  },
}

describe("a strategy that is named", () => {
  const named = (request: PlacementRequest, gpus = [GIB, GIB]) => resolve(request, GIB, gpus, [spread, single, cpu])

  it("gets exactly the devices that are named, in their order, with their shares", () => {
    assert.deepStrictEqual(
      Result.getOrThrow(named({ strategy: "spread", devices: ["cuda:1", gpuId(0)], split: [3, 1] })),
      new Placement({ strategy: "spread", devices: [gpuId(1), gpuId(0)], split: [3, 1] }),
    )
    assert.deepStrictEqual(devicesOf(named({ strategy: "single", devices: ["cuda:1"] })), [gpuId(1)])
    assert.deepStrictEqual(devicesOf(named({ strategy: "cpu", devices: ["cpu"] })), [CPU])
  })

  it("gets the degree that is requested, which none may pass over", () => {
    const request = { devices: ["cpu"], degree: 3 } as const
    const placed = resolve({ strategy: "copies", ...request }, GIB, [], [copies, cpu])
    assert.strictEqual(Result.getOrThrow(placed).degree, 3)
    assert.strictEqual(
      refusalOf(resolve({ strategy: "cpu", ...request }, GIB, [], [copies, cpu])),
      "strategy cpu takes no degree on cpu: remove it",
    )
  })

  it("is not tried by auto where it is only for those who name it", () => {
    assert.deepStrictEqual(devicesOf(named("auto")), [gpuId(0)])
  })

  it("says why it can't", () => {
    assert.strictEqual(
      refusalOf(named({ strategy: "single", devices: ["cuda:0", "cuda:1"] })),
      "strategy single has no placement on exactly cuda:0 + cuda:1",
    )
    assert.strictEqual(
      refusalOf(named({ strategy: "spread", devices: ["cpu"] })),
      "no placement is possible: spread: there is nothing to spread over",
    )
    const wrong = { strategy: "spred", devices: ["cuda:0", "cuda:7", "cuda:0"], split: [1] } as const
    assert.deepStrictEqual(
      requestIssues(wrong, fakeHost([GIB]), [spread, cpu]).map(({ message, path }) => `${path.join(".")}: ${message}`),
      [
        'strategy: unknown strategy "spred"; available: spread, cpu; did you mean "spread"?',
        'devices.1: unknown device "cuda:7"; this host has cpu, cuda:0, GPU-fake-0; did you mean "cuda:0"?',
        "devices.2: cuda:0 is listed twice",
        "split: expected 3 shares, one for each device but cpu, found 1",
      ],
    )
  })
})

describe("a device whose memory nobody knows", () => {
  const remote = new Device({ id: DeviceId.make("rpc:there"), kind: "remote", name: "there" })

  it("is not refused, and comes after those that are known to be large enough", () => {
    const host = fakeHost([GIB])
    const placed = single.place(input(GIB, host.with([remote, ...host.devices.slice(1)])))
    assert.deepStrictEqual(
      Result.getOrThrow(placed).map(({ devices }) => devices),
      [[gpuId(0)], [remote.id]],
    )
    assert.deepStrictEqual(devicesOf(resolvePlacement("rpc:there", input(9 * GIB, host.with([remote])), [single])), [
      remote.id,
    ])
  })
})

describe("placementName", () => {
  it("shows devices, shares and layers", () => {
    const devices = [gpuId(0), gpuId(1)] as const
    assert.strictEqual(placementName(new Placement({ strategy: "cpu", devices: [CPU] })), "cpu")
    assert.strictEqual(
      placementName(new Placement({ strategy: "layer", devices, split: [3, 1] })),
      "layer: GPU-fake-0 + GPU-fake-1 (3:1)",
    )
    assert.strictEqual(
      placementName(new Placement({ strategy: "offload", devices: [gpuId(0), CPU], layers: 20 }), (id) => id.slice(-1)),
      "offload: 0 + u (20 layers)",
    )
    assert.strictEqual(
      placementName(new Placement({ strategy: "experts", devices: [gpuId(0), CPU], expertLayers: 1 })),
      "experts: GPU-fake-0 + cpu (experts of 1 layer)",
    )
    assert.strictEqual(
      placementName(new Placement({ strategy: "replicas", devices: [CPU], degree: 2 })),
      "replicas: cpu (2 processes)",
    )
  })
})

describe("Demand", () => {
  it("is the sum of its parts", () => {
    const part = { basis: "formula", formula: "x" } as const
    const demand = new Demand({
      parts: [
        { ...part, name: "a", bytes: 3 },
        { ...part, name: "b", bytes: 4 },
      ],
    })
    assert.strictEqual(demand.totalBytes, 7)
    assert.strictEqual(new Demand({ parts: [] }).totalBytes, 0)
  })
})
