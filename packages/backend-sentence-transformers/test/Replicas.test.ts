import { assert, describe, it } from "@effect/vitest"
import { CPU, Demand, Device, DeviceId, Host, ModelFacts, type Placement } from "@rigbook/core"
import { Result, Schema } from "effect"
import { sentenceTransformers } from "../src/SentenceTransformers.ts"
import { replicas } from "../src/Replicas.ts"
import type { Options } from "../src/Options.ts"

const MIB = 2 ** 20

const hostWith = (gpus: ReadonlyArray<number>, freeMib = 8192): Host =>
  new Host({
    fingerprint: "f",
    cpu: { model: "CPU", logicalCores: 2 },
    memoryBytes: 16_384 * MIB,
    os: "OS",
    kernel: "K",
    devices: [
      new Device({ id: CPU, kind: "cpu", name: "CPU", freeBytes: freeMib * MIB }),
      ...gpus.map(
        (mib, index) =>
          new Device({
            id: DeviceId.make(`GPU-${index}`),
            kind: "gpu",
            name: `GPU ${index}`,
            index,
            freeBytes: mib * MIB,
          }),
      ),
    ],
  })

const config: Options = { dtype: "auto", normalize: false, trustRemoteCode: false }
const model = new ModelFacts({
  format: "safetensors",
  architecture: "bert",
  parameters: 1,
  quantization: "F32",
  bitsPerWeight: 32,
  weightBytes: 4,
  fileBytes: 4,
  chatTemplate: false,
  sha256: "0",
})
const all = (mib: number) => ({ name: "all", bytes: mib * MIB, basis: "exact", formula: "given by the test" }) as const

const input = (needMib: number, host: Host, degree?: number) => ({
  host,
  model,
  config,
  demand: new Demand({ parts: [all(needMib)] }),
  /** One copy a device or, on the processor, a degree of them and the process that hands the texts out. */
  demandOf: ({ degree: copies = 0, devices }: Placement) =>
    devices.map((device) => ({ device, parts: Array.from({ length: copies + 1 }, () => all(needMib)) })),
  ...(degree === undefined ? {} : { degree }),
})
const only = (placed: ReturnType<typeof replicas.place>) => Result.getOrThrow(placed)[0]
const why = (placed: ReturnType<typeof replicas.place>) => Result.getOrThrow(Result.flip(placed)).reason

describe("replicas", () => {
  it("are one on each GPU, or as many as are requested on the processor", () => {
    assert.deepStrictEqual(only(replicas.place(input(9, hostWith([10, 20])))).devices, [
      DeviceId.make("GPU-0"),
      DeviceId.make("GPU-1"),
    ])
    assert.deepInclude(only(replicas.place(input(9, hostWith([]), 3))), { devices: [CPU], degree: 3 })
  })

  it("are refused with the reason", () => {
    assert.include(why(replicas.place(input(9, hostWith([])))), "needs a degree of 2 or more")
    assert.include(why(replicas.place(input(9, hostWith([10])))), "GPU-0 is the only device")
    assert.include(why(replicas.place(input(9, hostWith([10, 10]), 2))), "each GPU has one copy")
    assert.strictEqual(
      why(replicas.place(input(2048, hostWith([4096, 1024])))),
      "needs 2.00 GiB, GPU 1 has 1.00 GiB free: 1.00 GiB too little",
    )
    assert.strictEqual(
      why(replicas.place(input(1024, hostWith([], 2048), 2))),
      "needs 3.00 GiB, host memory has 2.00 GiB free: 1.00 GiB too little",
    )
  })
})

const Between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const Given = {
  gpus: Schema.Array(Between(0, 4096)).check(Schema.isMaxLength(5)),
  free: Between(0, 8192),
  need: Between(1, 4096),
  degree: Schema.UndefinedOr(Between(2, 5)),
}

describe("every strategy", () => {
  it.prop("places on GPUs that there are and where it fits, or says why not in figures", Given, (given) => {
    const { degree, free, gpus, need } = given
    const host = hostWith(gpus, free)
    for (const { id, place } of sentenceTransformers.placement!.strategies!) {
      const placed = place(input(need, host, degree))
      assert.deepStrictEqual(place(input(need, hostWith(gpus, free), degree)), placed)
      if (Result.isFailure(placed)) {
        assert.strictEqual(placed.failure.strategy, id)
        assert.match(placed.failure.reason, /needs .+ GiB, .+ has .+ GiB free|no GPU|degree|GPU-\d+ is the only device/)
        continue
      }
      for (const { degree: processes = 1, devices, strategy } of placed.success) {
        assert.strictEqual(strategy, id)
        assert.lengthOf(new Set(devices), devices.length)
        for (const device of devices) {
          const { freeBytes = 0, kind } = host.devices.find((known) => known.id === device)!
          assert.isAtMost(need * MIB * processes, freeBytes)
          if (kind === "gpu") assert.match(device, /^GPU-\d+$/)
        }
      }
    }
  })

  it.prop("leaves the processor for last, and copies only where that is requested", Given, ({ free, gpus, need }) => {
    const tried = sentenceTransformers.placement!.strategies!.filter(({ onlyNamed }) => onlyNamed !== true)
    assert.deepStrictEqual(
      tried.map(({ id }) => id),
      ["single", "cpu"],
    )
    const first = tried.find(({ place }) => Result.isSuccess(place(input(need, hostWith(gpus, free)))))
    if (first?.id === "cpu") assert.isTrue(gpus.every((mib) => mib < need))
  })
})
