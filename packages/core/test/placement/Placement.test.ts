import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { CPU } from "../../src/host/Host.ts"
import { Demand } from "../../src/placement/Demand.ts"
import { cpu, Placement, single, type Strategy } from "../../src/placement/Placement.ts"
import { resolvePlacement } from "../../src/placement/ResolvePlacement.ts"
import { fakeHost, gpuId } from "../fakes/host.ts"

const GIB = 2 ** 30
const demandOf = (bytes: number) =>
  new Demand({ parts: [{ name: "weights", bytes, basis: "exact", formula: "given by the test" }] })
const resolve = (requested: string, need: number, gpus: ReadonlyArray<number>, strategies = [single, cpu]) =>
  resolvePlacement(requested, fakeHost(gpus), demandOf(need), undefined, strategies)
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
        const placed = place({ host, demand: demandOf(need), config: undefined })
        assert.deepStrictEqual(place({ host: fakeHost(gpus), demand: demandOf(need), config: undefined }), placed)
        if (Result.isFailure(placed)) {
          const free = host.devices
            .filter(({ kind }) => (kind === "gpu") === (id === "single"))
            .map(({ freeBytes }) => freeBytes)
          assert.isTrue(free.every((bytes) => bytes < need))
          continue
        }
        const free = placed.success.map(({ devices, strategy }) => {
          assert.strictEqual(strategy, id)
          assert.lengthOf(devices, 1)
          return host.devices.find((device) => device.id === devices[0])!.freeBytes
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
      const placed = strategy.place({ host: fakeHost(gpus), demand: demandOf(need), config: undefined })
      return Result.getOrThrow(Result.flip(placed)).reason
    }
    assert.strictEqual(refusal(single, 1, []), "this host has no GPU")
    assert.strictEqual(refusal(single, 9 * GIB, [GIB, 4 * GIB]), "needs 9.00 GiB, Fake GPU 1 has 4.00 GiB free")
    assert.strictEqual(refusal(cpu, 9 * GIB, []), "needs 9.00 GiB, host memory has 8.00 GiB free")
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

  it("speaks of the device that was asked for, not of a larger one", () => {
    assert.strictEqual(
      refusalOf(resolve("cuda:0", 5 * GIB, [GIB, 30 * GIB])),
      "no placement is possible: single: needs 5.00 GiB, Fake GPU 0 has 1.00 GiB free",
    )
  })

  it("gives every strategy's reason when nothing fits", () => {
    assert.strictEqual(
      refusalOf(resolve("auto", 40 * GIB, [GIB])),
      "no placement is possible: single: needs 40.00 GiB, Fake GPU 0 has 1.00 GiB free; cpu: needs 40.00 GiB, host memory has 8.00 GiB free",
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
