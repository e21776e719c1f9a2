import { assert, describe, it } from "@effect/vitest"
import { complete, Demand, Device, DeviceId, Host, type StrategyInput } from "@rigbook/core"
import { FAKE_HOSTS, fakeBackend, fakeModel, fakeOptions } from "@rigbook/testkit"
import { Result } from "effect"
import { unlike } from "../examples/unlike-gpus-strategy.ts"

const GIB = 2 ** 30
const gpu = (index: number, freeGib: number): Device =>
  new Device({ id: DeviceId.make(`GPU-${index}`), kind: "gpu", name: `GPU ${index}`, index, freeBytes: freeGib * GIB })
const hostWith = (...gpus: ReadonlyArray<Device>): Host => {
  const { devices, ...host } = FAKE_HOSTS["CPU only"]
  return new Host({ ...host, devices: [devices[0], ...gpus] })
}

/** What it is given for a model of so many GiB. */
const inputOf = (host: Host, gib: number): StrategyInput<unknown> => {
  const parts = [{ name: "weights", bytes: gib * GIB, basis: "exact" as const, formula: "given" }]
  return {
    host,
    model: fakeModel(),
    config: fakeOptions({}),
    demand: new Demand({ parts }),
    demandOf: ({ devices, split }) => {
      const all = split!.reduce((sum, share) => sum + share, 0)
      return devices.map((device, at) => ({
        device,
        parts: [{ ...parts[0]!, bytes: (gib * GIB * split![at]!) / all }],
      }))
    },
  }
}

describe("the example of a strategy for unlike GPUs", () => {
  it("splits by free memory, the larger first", () => {
    const placed = unlike.place(inputOf(hostWith(gpu(0, 16), gpu(1, 32)), 40))
    assert.deepInclude(Result.getOrThrow(placed)[0], {
      devices: [DeviceId.make("GPU-1"), DeviceId.make("GPU-0")],
      split: [7, 3],
    })
  })

  it("refuses with the reason", () => {
    const reason = (host: Host, gib: number) => Result.getOrThrow(Result.flip(unlike.place(inputOf(host, gib)))).reason
    assert.match(reason(hostWith(gpu(0, 16), gpu(1, 32)), 60), /GPU 1 has 32\.00 GiB free: \d+\.\d\d GiB too little/)
    assert.match(reason(hostWith(gpu(0, 16)), 10), /fewer than two GPUs/)
  })

  it("is one of a backend's strategies", () => {
    const backend = complete({ ...fakeBackend(), placement: { strategies: [unlike] } })
    assert.deepStrictEqual(
      backend.strategies.map(({ id }) => id),
      ["unlike"],
    )
  })
})
