import { assert, describe, it } from "@effect/vitest"
import { CPU, DeviceId, Placement } from "@rigbook/core"
import type { Options } from "../src/Options.ts"
import { torchDevices } from "../src/Session.ts"
import { workerEnvironment } from "../src/WorkerEnvironment.ts"

const options: Options = { dtype: "auto", normalize: false, trustRemoteCode: false }

describe("workerEnvironment", () => {
  it("shows a worker its own GPU and no other, by UUID", () => {
    const env = workerEnvironment([DeviceId.make("GPU-0aa1")], options)
    assert.deepInclude(env, { CUDA_VISIBLE_DEVICES: "GPU-0aa1", CUDA_DEVICE_ORDER: "PCI_BUS_ID" })
  })

  it("shows the GPUs of replicas in their order", () => {
    const devices = [DeviceId.make("GPU-b"), DeviceId.make("GPU-a")] as const
    assert.strictEqual(workerEnvironment(devices, options)["CUDA_VISIBLE_DEVICES"], "GPU-b,GPU-a")
    assert.deepStrictEqual(torchDevices(new Placement({ strategy: "replicas", devices })), ["cuda:0", "cuda:1"])
    assert.deepStrictEqual(torchDevices(new Placement({ strategy: "replicas", devices: [CPU], degree: 2 })), [
      "cpu",
      "cpu",
    ])
  })

  it("shows a worker on the CPU no GPU at all", () => {
    assert.strictEqual(workerEnvironment([CPU], options)["CUDA_VISIBLE_DEVICES"], "")
  })

  it("never lets it ask a hub, and drops what would steer it from outside", () => {
    process.env["HF_HUB_OFFLINE"] = "0"
    process.env["OMP_NUM_THREADS"] = "64"
    try {
      const env = workerEnvironment([CPU], options)
      assert.strictEqual(env["HF_HUB_OFFLINE"], "1")
      assert.notProperty(env, "OMP_NUM_THREADS")
      assert.strictEqual(workerEnvironment([CPU], { ...options, threads: 3 })["OMP_NUM_THREADS"], "3")
    } finally {
      delete process.env["HF_HUB_OFFLINE"]
      delete process.env["OMP_NUM_THREADS"]
    }
  })
})
