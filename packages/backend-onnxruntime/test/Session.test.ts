import { assert, describe, it } from "@effect/vitest"
import { CPU, DeviceId } from "@rigbook/core"
import { reasons } from "../src/Failure.ts"
import type { Loaded } from "../src/Protocol.ts"
import { effectiveOf } from "../src/Session.ts"

const gpu = DeviceId.make("GPU-1")
const loaded: Loaded = {
  providers: { CPUExecutionProvider: { nodes: 200, products: 48 } },
  threads: null,
  max_length: 256,
  dimensions: 384,
  normalize: true,
  pooling: "mean",
  prompt: null,
  vocabulary: 30_522,
  output: "tensor(float)",
}
const header = {
  tensors: ["used", "unused"].map((name) => ({ name, type: 1, elements: 1 })),
  used: new Set(["used"]),
  outputRank: 3,
}
const files = { header, pooling: { mode: "mean", assumed: true, normalize: false } } as const

describe("effectiveOf", () => {
  it("names the device whose provider multiplies, whatever was requested", () => {
    assert.deepStrictEqual(effectiveOf(loaded, [gpu], files).devices, [CPU])
    const shapes = { CPUExecutionProvider: { nodes: 12, products: 0 } }
    const whole = { ...shapes, CUDAExecutionProvider: { nodes: 180, products: 48 } }
    const onGpu = effectiveOf({ ...loaded, providers: whole }, [gpu], files)
    assert.deepStrictEqual(onGpu.devices, [gpu])
    assert.deepInclude(onGpu.settings, { providers: "CUDA", nodesOnCpu: 12 })
    const parts = { ...whole, CPUExecutionProvider: { nodes: 20, products: 4 } }
    assert.sameMembers([...effectiveOf({ ...loaded, providers: parts }, [gpu], files).devices], [gpu, CPU])
  })

  it("leaves out what the runtime does not report, and shows what was made of the files", () => {
    const { loading, settings } = effectiveOf(loaded, [CPU], files)
    assert.notProperty(settings, "threads")
    assert.deepStrictEqual(loading?.unexpected, { count: 1, first: ["unused"] })
    assert.deepStrictEqual(loading?.pooling, { mode: "mean", assumed: true })
    assert.notProperty(effectiveOf({ ...loaded, pooling: null }, [CPU], files).loading, "pooling")
  })
})

describe("reasons", () => {
  it("tell a runtime that is too old from a model that does not load", () => {
    const failed = (type: string, message: string) => reasons.answered("load", { kind: "failed", type, message })
    const old = failed("OldRuntimeError", "onnxruntime 1.20.1 does not report which provider computes")
    assert.strictEqual(old._tag, "Unsupported")
    assert.match(old.detail, /onnxruntime 1\.20\.1/)
    assert.strictEqual(failed("InvalidProtobuf", "Protobuf parsing failed.")._tag, "BadModel")
  })
})
