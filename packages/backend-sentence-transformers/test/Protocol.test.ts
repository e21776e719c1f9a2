import { assert, describe, it } from "@effect/vitest"
import { CPU, DeviceId } from "@rigbook/core"
import { Option, Schema } from "effect"
import { type Replica, Results, type Result } from "../src/Protocol.ts"
import { effectiveOf } from "../src/Session.ts"

describe("Results", () => {
  it("take no number for what is none", () => {
    const encoded = { count: 1, dimensions: 2, dtype: "float32", sha256: "0", call_ms: "3", memory: [] }
    assert.isTrue(Option.isNone(Schema.decodeUnknownOption(Results.encode)(encoded)))
  })
})

const onCpu: Replica = {
  device: "cpu",
  parameter_devices: ["cpu"],
  parameter_dtypes: ["float32"],
  bytes_by_device: { cpu: 90_861_056 },
  gpu_uuid: null,
  threads: 2,
}
const onGpu = (index: number, gpu_uuid: string | null): Replica => ({
  ...onCpu,
  device: `cuda:${index}`,
  parameter_devices: [`cuda:${index}`],
  bytes_by_device: { [`cuda:${index}`]: 1 },
  gpu_uuid,
})
const loaded: Result<"load"> = {
  replicas: [onCpu],
  max_length: 256,
  dimensions: 384,
  normalize: true,
  attention: "sdpa",
  torch: "2.13.0+cpu",
  prompt: null,
  prompt_name: null,
  loading: {
    missing: { count: 0, first: [] },
    unexpected: { count: 0, first: [] },
    pooling: { mode: "mean", assumed: false },
    architecture: "BertModel",
    vocabulary: 30_522,
  },
}

describe("effectiveOf", () => {
  it("names the CPU, and the effective settings there", () => {
    const { buffers, devices, settings } = effectiveOf(loaded, [CPU])
    assert.deepStrictEqual(devices, [CPU])
    assert.deepInclude(settings, { dtype: "float32", maxLength: 256, threads: 2, attention: "sdpa" })
    assert.deepStrictEqual(buffers, [{ device: "cpu", kind: "model", bytes: 90_861_056 }])
  })

  it("names a GPU by the UUID that torch read from it, not by the one that was requested", () => {
    const requested = [DeviceId.make("GPU-asked")]
    const found = (uuid: string | null) => effectiveOf({ ...loaded, replicas: [onGpu(0, uuid)] }, requested).devices
    assert.deepStrictEqual(found("found"), [DeviceId.make("GPU-found")])
    assert.deepStrictEqual(found(null), requested)
  })

  it("names the device of each replica, so that two on one show", () => {
    const requested = [DeviceId.make("GPU-a"), DeviceId.make("GPU-b")]
    const both = effectiveOf({ ...loaded, replicas: [onGpu(1, "b"), onGpu(0, "a")] }, requested)
    assert.deepStrictEqual([...both.devices].toSorted(), requested)
    assert.strictEqual(both.settings["replicas"], 2)
    assert.deepStrictEqual(
      both.buffers.map(({ bytes }) => bytes),
      [1, 1],
    )
    const twice = effectiveOf({ ...loaded, replicas: [onGpu(0, "a"), onGpu(1, "a")] }, requested)
    assert.deepStrictEqual(twice.devices, [DeviceId.make("GPU-a")])
    const strayed = effectiveOf({ ...loaded, replicas: [onGpu(0, "a"), onCpu] }, requested)
    assert.deepStrictEqual(strayed.devices, [DeviceId.make("GPU-a"), CPU])
  })

  it("shows it when a GPU was requested and the CPU was taken", () => {
    assert.deepStrictEqual(effectiveOf(loaded, [DeviceId.make("GPU-asked")]).devices, [CPU])
  })

  it("tells what was made of the files, and the prompt that is put before texts", () => {
    const { loading, settings } = effectiveOf({ ...loaded, prompt: "query: ", prompt_name: "query" }, [CPU])
    assert.deepInclude(settings, { prompt: "query: ", promptName: "query" })
    assert.deepStrictEqual(loading, loaded.loading as typeof loading)
    const bare = { ...loaded.loading, pooling: null, architecture: null, vocabulary: null }
    const { missing, unexpected } = bare
    assert.deepStrictEqual(effectiveOf({ ...loaded, loading: bare }, [CPU]).loading, { missing, unexpected })
  })

  it("leaves out what a model does not have, and shows mixed types", () => {
    const { settings } = effectiveOf(
      {
        ...loaded,
        max_length: null,
        attention: null,
        replicas: [{ ...onCpu, parameter_dtypes: ["bfloat16", "float32"] }],
      },
      [CPU],
    )
    assert.notProperty(settings, "maxLength")
    assert.notProperty(settings, "attention")
    assert.strictEqual(settings["dtype"], "bfloat16+float32")
  })
})
