import { DeviceId } from "@rigbook/core"
import { assert, describe, it } from "@effect/vitest"
import { endpointOf, endpointProblem, rpcDevice } from "../src/Rpc.ts"

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
