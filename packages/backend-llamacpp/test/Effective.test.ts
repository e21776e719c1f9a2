import { CPU, DeviceId } from "@rigbook/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { effectiveOf, Props } from "../src/Effective.ts"
import { recorded } from "./recorded.ts"

const GPU = DeviceId.make("GPU-1")
const named = [{ id: GPU, name: "CUDA0" }]
const props = Schema.decodeUnknownSync(Schema.fromJsonString(Props))(recorded("props.json"))

describe("effectiveOf", () => {
  it("takes the API's word for context, slots and build, the log's for the rest", () => {
    const { buffers, devices, settings } = effectiveOf(recorded("server-start-lv4.log"), props, [])
    assert.deepStrictEqual(devices, [CPU])
    assert.deepStrictEqual(settings, {
      context: 2048,
      parallel: 4,
      threads: 2,
      batch: 2048,
      ubatch: 512,
      flashAttention: "on",
      kvCache: "f16",
      gpuLayers: 0,
      build: "b11669-Debian",
      quantization: "Q4_K - Medium",
    })
    assert.deepStrictEqual([...new Set(buffers.map(({ device }) => device))], ["cpu"])
  })

  it("does not believe in offloaded layers that no device holds", () => {
    const { devices, settings } = effectiveOf(recorded("placement-rpc-dev-none.log"), props, named)
    assert.deepStrictEqual(devices, [CPU])
    assert.strictEqual(settings["gpuLayers"], 0)
  })

  it("calls a device in the log by the name it was given; the token table in host memory is no device", () => {
    const log = recorded("placement-rpc-dev0-only.log").replaceAll("RPC0[127.0.0.1:50052]", "CUDA0")
    const { buffers, devices, settings } = effectiveOf(log, props, named)
    assert.deepStrictEqual(devices, [GPU])
    assert.strictEqual(settings["gpuLayers"], 31)
    assert.isTrue(buffers.some(({ device }) => device === "cpu"))
  })

  it("names the processor too when layers were left to it", () => {
    const { devices } = effectiveOf(recorded("placement-rpc-ngl10.log"), props, named)
    assert.deepStrictEqual(
      devices,
      [CPU, "rpc:127.0.0.1:50052", "rpc:127.0.0.1:50053"].map((id) => DeviceId.make(id)),
    )
  })

  it("never calls a GPU cpu", () => {
    const { devices } = effectiveOf(recorded("placement-rpc-dev0-only.log"), props, [])
    assert.deepStrictEqual(devices, [DeviceId.make("rpc:127.0.0.1:50052")])
  })
})
