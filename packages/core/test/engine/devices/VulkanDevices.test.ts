import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { vulkanDevices } from "../../../src/engine/devices/VulkanDevices.ts"
import { fakeVulkanScoped } from "../../fakes/vulkan.ts"

layer(NodeServices.layer)("vulkanDevices", (it) => {
  it.effect("finds what the loader finds, in its order, each with its UUID", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* vulkanDevices(yield* fakeVulkanScoped(), {}), [
        { name: "NVIDIA GeForce RTX 5090", uuid: "a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf" },
        { name: "NVIDIA GeForce RTX 5090", uuid: "b0b1b2b3-b4b5-b6b7-b8b9-babbbcbdbebf" },
      ])
      assert.deepStrictEqual(yield* vulkanDevices(yield* fakeVulkanScoped(0), {}), [])
    }),
  )

  it.effect("finds nothing without a loader", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* vulkanDevices("/nowhere/libvulkan.so.1", {}), [])
    }),
  )
})
