import { Device, DeviceId } from "@rigbook/core"
import { assert, describe, it } from "@effect/vitest"
import { listedDevices } from "../src/Devices.ts"
import { nameListed } from "../src/NameListed.ts"
import { Result } from "effect"
import { endpointOf, endpointProblem, rpcDevice, rpcId } from "../src/Rpc.ts"
import { recorded } from "./recorded.ts"

describe("rpc servers", () => {
  it("are devices of unknown memory, by their addresses", () => {
    const { freeBytes, id, kind, memoryBytes } = rpcDevice("10.0.0.2:50052")
    assert.deepStrictEqual([id, kind, freeBytes, memoryBytes], ["rpc:10.0.0.2:50052", "remote", undefined, undefined])
    assert.strictEqual(endpointOf(id), "10.0.0.2:50052")
    assert.isUndefined(endpointOf(DeviceId.make("GPU-1")))
  })

  it("are taken at loopback and private addresses only", () => {
    for (const fine of ["127.0.0.1:1", "10.1.2.3:50052", "172.16.0.1:9", "172.31.9.9:9", "192.168.1.7:65535"])
      assert.isUndefined(endpointProblem(fine), fine)
    for (const open of ["8.8.8.8:50052", "172.32.0.1:9", "192.169.0.1:9", "0.0.0.0:9"])
      assert.include(endpointProblem(open), "public", open)
    for (const none of ["127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "localhost:1", "10.0.0.256:1", ":1", "a,b:1"])
      assert.include(endpointProblem(none), "not an address", none)
  })
})

const vulkanOf = (...descriptions: ReadonlyArray<string>) =>
  descriptions.map((description, index) => ({ name: `Vulkan${index}`, description }))
/** A GPU as its driver names it. */
const driven = (index: number, name: string): Device =>
  new Device({ id: DeviceId.make(`GPU-${index}`), kind: "gpu", name, index })

describe("nameListed", () => {
  const why = (named: ReturnType<typeof nameListed>): string => Result.getOrThrow(Result.flip(named)).why
  const listed = listedDevices(recorded("list-devices-rpc.txt"))
  const [a, b] = [rpcId("127.0.0.1:50052"), rpcId("127.0.0.1:50053")]
  const gpus = [DeviceId.make("GPU-a"), DeviceId.make("GPU-b")] as const
  const CUDA = ["CUDA0", "CUDA1"].map((name) => ({ name, description: "NVIDIA H200" }))

  it("knows a server by its address, whatever its number", () => {
    assert.deepStrictEqual(Result.getOrThrow(nameListed([b, a], listed, [])).devices, [
      { id: b, name: "RPC1", endpoint: "127.0.0.1:50053" },
      { id: a, name: "RPC0", endpoint: "127.0.0.1:50052" },
    ])
  })

  it("knows CUDA's devices by their order, beside servers", () => {
    assert.deepStrictEqual(Result.getOrThrow(nameListed([gpus[1], a, gpus[0]], [...listed, ...CUDA], [])).devices, [
      { id: gpus[1], name: "CUDA0" },
      { id: a, name: "RPC0", endpoint: "127.0.0.1:50052" },
      { id: gpus[0], name: "CUDA1" },
    ])
  })

  it("says what it can't find, or be certain of", () => {
    assert.include(why(nameListed([a], [], [])), "no device behind 127.0.0.1:50052")
    assert.include(why(nameListed([a], [listed[0]!, listed[0]!], [])), "2 devices behind")
    assert.include(why(nameListed(gpus, listed, [])), "finds no GPU")
    assert.include(why(nameListed(gpus, vulkanOf("NVIDIA H200", "NVIDIA H200"), [])), "certain")
  })

  it("knows Vulkan's devices by name, and several of one name by their order on the bus", () => {
    const named = (
      wanted: ReadonlyArray<number>,
      drivers: ReadonlyArray<Device>,
      ...descriptions: ReadonlyArray<string>
    ) => {
      const ids = wanted.map((index) => DeviceId.make(`GPU-${index}`))
      const found = nameListed(ids, vulkanOf(...descriptions), drivers)
      return Result.isSuccess(found) ? found.success.devices.map(({ name }) => name) : found.failure.why
    }
    const [big, small] = ["NVIDIA GeForce RTX 5090", "NVIDIA GeForce RTX 3060"]
    const unlike = [driven(0, big), driven(1, small)]
    assert.deepStrictEqual(named([1], unlike, big, small), ["Vulkan1"])
    assert.deepStrictEqual(named([0], unlike, small, big), ["Vulkan1"], "Vulkan has an order of its own")
    assert.deepStrictEqual(named([0], [driven(0, big)], "Intel(R) Graphics (RPL-S)", big), ["Vulkan1"])
    assert.deepStrictEqual(named([0], [driven(0, "AMD Radeon RX 7900 XTX")], "AMD Radeon RX 7900 XTX (RADV NAVI31)"), [
      "Vulkan0",
    ])
    const alike = [driven(0, big), driven(1, big)]
    assert.deepStrictEqual(named([1], alike, big, big), ["Vulkan1"])
    assert.deepStrictEqual(named([1, 0], alike, big, big), ["Vulkan1", "Vulkan0"])
    assert.deepStrictEqual(named([1], alike.toReversed(), big, big), ["Vulkan1"], "whatever order a user gave them")
    assert.deepStrictEqual(named([1], alike.slice(1), big, big), ["Vulkan1"], "the first one is hidden from Rigbook")
    for (const uncertain of [
      named([0], alike, big),
      named([1], alike.slice(1), big, big, small),
      named([0], [driven(0, "NVIDIA GeForce RTX 4090")], "NVIDIA GeForce RTX 4090 D"),
      named([0], [], big),
    ])
      assert.match(uncertain as string, /certain/)
  })
})
