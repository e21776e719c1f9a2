import { assert, describe, it } from "@effect/vitest"
import { CPU, DeviceId, Placement } from "@rigbook/core"
import type { Options } from "../src/Options.ts"
import { torchDevices } from "../src/Session.ts"
import { workerEnvironment } from "../src/WorkerEnvironment.ts"

const options: Options = { dtype: "auto", normalize: false, trustRemoteCode: false }

describe("workerEnvironment", () => {
  it("shows a worker what is visible, whatever it would inherit", () => {
    process.env["CUDA_VISIBLE_DEVICES"] = "7"
    try {
      const visible = { CUDA_VISIBLE_DEVICES: "GPU-0aa1", CUDA_DEVICE_ORDER: "PCI_BUS_ID" }
      assert.deepInclude(workerEnvironment(visible, options), visible)
      assert.strictEqual(workerEnvironment({ CUDA_VISIBLE_DEVICES: "" }, options)["CUDA_VISIBLE_DEVICES"], "")
    } finally {
      delete process.env["CUDA_VISIBLE_DEVICES"]
    }
  })

  it("calls the GPUs of replicas by their order", () => {
    const devices = [DeviceId.make("GPU-b"), DeviceId.make("GPU-a")] as const
    assert.deepStrictEqual(torchDevices(new Placement({ strategy: "replicas", devices })), ["cuda:0", "cuda:1"])
    assert.deepStrictEqual(torchDevices(new Placement({ strategy: "replicas", devices: [CPU], degree: 2 })), [
      "cpu",
      "cpu",
    ])
  })

  it("never lets it ask a hub, and drops what would steer it from outside", () => {
    process.env["HF_HUB_OFFLINE"] = "0"
    process.env["OMP_NUM_THREADS"] = "64"
    try {
      const env = workerEnvironment({}, options)
      assert.strictEqual(env["HF_HUB_OFFLINE"], "1")
      assert.notProperty(env, "OMP_NUM_THREADS")
      assert.strictEqual(workerEnvironment({}, { ...options, threads: 3 })["OMP_NUM_THREADS"], "3")
    } finally {
      delete process.env["HF_HUB_OFFLINE"]
      delete process.env["OMP_NUM_THREADS"]
    }
  })
})
