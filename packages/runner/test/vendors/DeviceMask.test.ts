import { assert, describe, it } from "@effect/vitest"
import { Device, DeviceId } from "@rigbook/core"
import { maskedDevices, maskText } from "../../src/vendors/DeviceMask.ts"

const gpu = (index: number, uuid: string) =>
  new Device({ id: DeviceId.make(uuid), kind: "gpu", name: `card ${index}`, index, memoryBytes: 8, freeBytes: 8 })
const GPUS = [gpu(0, "GPU-aaaa-1"), gpu(1, "GPU-bbbb-1"), gpu(2, "GPU-bbbb-2")]

const CUDA = ["CUDA_VISIBLE_DEVICES"]

const left = (value: string | undefined): string =>
  maskedDevices(GPUS, CUDA, { CUDA_VISIBLE_DEVICES: value })
    .visible.map(({ index }) => index)
    .join()

describe("maskedDevices", () => {
  it("obeys the user's list as CUDA does", () => {
    for (const [value, expected] of [
      [undefined, "0,1,2"],
      ["0,1,2", "0,1,2"],
      ["1", "1"],
      [" 2 , 0 ", "2,0"],
      ["", ""],
      ["-1", ""],
      ["NoDevFiles", ""],
      // What follows an entry that names no GPU is not visible either.
      ["1,-1,2", "1"],
      ["0,7,1", "0"],
      ["1,1", "1"],
      ["GPU-aaaa", "0"],
      ["GPU-bbbb-2,0", "2,0"],
      // Two begin like that.
      ["GPU-bbbb", ""],
      ["MIG-1234", ""],
    ] as const)
      assert.strictEqual(left(value), expected, String(value))
  })

  it("says what is hidden, and by what", () => {
    const { masks } = maskedDevices(GPUS, CUDA, { CUDA_VISIBLE_DEVICES: "1" })
    assert.deepStrictEqual(
      masks.map((mask) => maskText(mask)),
      ["CUDA_VISIBLE_DEVICES=1 hides card 0 and card 2."],
    )
    const all = maskedDevices(GPUS, CUDA, { CUDA_VISIBLE_DEVICES: "0,1,2" }).masks
    assert.deepStrictEqual(
      all.map((mask) => maskText(mask)),
      [undefined],
    )
    assert.deepStrictEqual(maskedDevices([], CUDA, { CUDA_VISIBLE_DEVICES: "0" }).masks, [])
    assert.deepStrictEqual(maskedDevices(GPUS, CUDA, {}).masks, [])
  })

  it("obeys AMD's two lists one after the other: the second counts what the first has left", () => {
    const amd = (environment: Readonly<Record<string, string>>): string =>
      maskedDevices(GPUS, ["ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"], environment)
        .visible.map(({ index }) => index)
        .join()
    assert.strictEqual(amd({ HIP_VISIBLE_DEVICES: "2,0" }), "2,0")
    assert.strictEqual(amd({ ROCR_VISIBLE_DEVICES: "2,1" }), "2,1")
    assert.strictEqual(amd({ ROCR_VISIBLE_DEVICES: "2,1", HIP_VISIBLE_DEVICES: "1" }), "1")
    assert.strictEqual(amd({ ROCR_VISIBLE_DEVICES: "GPU-BBBB-2", HIP_VISIBLE_DEVICES: "0,1" }), "2")
    assert.strictEqual(amd({ ROCR_VISIBLE_DEVICES: "", HIP_VISIBLE_DEVICES: "0" }), "")
    assert.strictEqual(amd({ HIP_VISIBLE_DEVICES: "-1" }), "")
    assert.strictEqual(amd({ CUDA_VISIBLE_DEVICES: "1" }), "0,1,2", "another vendor's")
  })
})
