import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { CPU, Device, DeviceId, Host, Placement, Runtime } from "@rigbook/core"
import { fakeHost } from "@rigbook/testkit"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { tinyModel } from "../src/check.ts"
import { demandOf } from "../src/Demand.ts"
import { readPooling } from "../src/Folder.ts"
import { onnxruntime } from "../src/OnnxRuntime.ts"
import { lockName } from "../src/Runtime.ts"

const options = { normalize: false }
const batch = { kind: "batch", prompts: "p", documents: 64, batchSize: 16 } as const

describe("a folder with an ONNX file", () => {
  it.live("is counted from its graph, and planned by that", () =>
    Effect.gen(function* () {
      const model = yield* onnxruntime.inspect(yield* tinyModel)
      const elements = 512 * 512 + 512 * 512
      assert.deepInclude(model, {
        format: "onnx",
        architecture: "bert",
        parameters: elements,
        weightBytes: 4 * elements,
        quantization: "F32",
        bitsPerWeight: 32,
        contextLength: 512,
      })
      const host = fakeHost()
      const on = (device: DeviceId) =>
        demandOf({
          model,
          config: options,
          scenario: batch,
          host,
          placement: new Placement({ strategy: "single", devices: [device] }),
        })
      assert.deepStrictEqual(
        on(CPU).map(({ device, parts }) => [device, ...parts.map(({ name }) => name)]),
        [[CPU, "weights", "activations", "runtime overhead"]],
      )
      const gpu = DeviceId.make("GPU-1")
      assert.deepStrictEqual(
        on(gpu).map(({ device }) => device),
        [gpu, CPU],
      )
      const [weights, activations] = on(CPU)[0]!.parts
      assert.deepInclude(weights, { bytes: 4 * elements, basis: "exact" })
      assert.strictEqual(activations!.bytes, 4 * 16 * 512 * (26 * 512 + 7 * 4 * 512))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("has the modules of modules.json in a graph that gives the vector of a text", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { path } = yield* tinyModel
      const modules = (...kinds: ReadonlyArray<string>) =>
        fs.writeFileString(
          join(path, "modules.json"),
          JSON.stringify(kinds.map((kind) => ({ type: `m.${kind}`, path: kind === "Dense" ? "2_Dense" : "" }))),
        )
      yield* modules("Transformer", "Dense", "Normalize")
      assert.deepStrictEqual(yield* readPooling(path, 2), { mode: "mean", assumed: false, normalize: true })
      assert.match((yield* Effect.flip(readPooling(path, 3))).detail, /module Dense/)
      yield* modules("Transformer", "Normalize")
      assert.deepStrictEqual(yield* readPooling(path, 3), { mode: "mean", assumed: true, normalize: true })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("has a hash that the settings of each of its modules are part of", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { path } = yield* tinyModel
      const modules = [
        { type: "m.Transformer", path: "" },
        { type: "m.Pooling", path: "3_Pool" },
      ]
      yield* fs.writeFileString(join(path, "modules.json"), JSON.stringify(modules))
      yield* fs.makeDirectory(join(path, "3_Pool"))
      const pooledBy = (mode: string) =>
        Effect.gen(function* () {
          yield* fs.writeFileString(join(path, "3_Pool", "config.json"), JSON.stringify({ pooling_mode: mode }))
          return (yield* onnxruntime.inspect({ path })).sha256
        })
      assert.notStrictEqual(yield* pooledBy("mean"), yield* pooledBy("cls"))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("is refused with what is missing", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const refusal = (path: string) =>
        Effect.map(Effect.flip(onnxruntime.inspect({ path })), ({ reason }) => reason.detail)
      const { path } = yield* tinyModel
      const model = join(path, "model.onnx")
      assert.strictEqual(
        (yield* onnxruntime.inspect({ path: model })).sha256,
        (yield* onnxruntime.inspect({ path })).sha256,
      )
      assert.match(yield* refusal(join(path, "none")), /There is no/)
      yield* fs.makeDirectory(join(path, "onnx"))
      for (const name of ["a.onnx", "b.onnx"]) yield* fs.copyFile(model, join(path, "onnx", name))
      yield* fs.remove(model)
      assert.match(yield* refusal(path), /several ONNX files: a\.onnx, b\.onnx/)
      yield* fs.writeFileString(join(path, "1_Pooling", "config.json"), `{"pooling_mode": "lasttoken"}`)
      assert.match(yield* refusal(join(path, "onnx", "a.onnx")), /pools by lasttoken: mean and cls/)
      yield* fs.writeFileString(
        join(path, "modules.json"),
        `[{"type": "m.Transformer", "path": ""}, {"type": "m.Dense", "path": "2_Dense"}]`,
      )
      assert.match(yield* refusal(join(path, "onnx", "a.onnx")), /module Dense/)
      yield* fs.remove(join(path, "tokenizer.json"))
      assert.match(yield* refusal(path), /no tokenizer\.json/)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it("is placed on a GPU only by a build that computes there", async () => {
    const device = (vendor: string) =>
      new Device({ id: DeviceId.make(`GPU-${vendor}`), kind: "gpu", name: "GPU", index: 0, vendor })
    const { cpu, fingerprint, kernel, memoryBytes, os } = fakeHost()
    const host = new Host({ cpu, fingerprint, kernel, memoryBytes, os, devices: [device("nvidia"), device("amd")] })
    const refused = (program: string) =>
      Effect.runPromise(
        onnxruntime.machine!.unusable!({
          config: options,
          host,
          runtime: new Runtime({ program, version: "1", origin: "setup", path: "python", libraries: {} }),
          restrict: () => ({}),
        }).pipe(Effect.provide(NodeServices.layer)),
      )
    const ids = (await refused("onnxruntime")).map(({ device }) => device)
    assert.deepStrictEqual(
      ids,
      ["GPU-nvidia", "GPU-amd"].map((id) => DeviceId.make(id)),
    )
    assert.lengthOf(await refused("onnxruntime-gpu"), 1)
  })

  it("has packages for machines of each kind", () => {
    assert.strictEqual(lockName("linux", "x64", ["nvidia"]), "cuda-linux")
    assert.strictEqual(lockName("linux", "x64", []), "cpu")
    assert.strictEqual(lockName("linux", "arm64", ["nvidia"]), "cpu")
    assert.strictEqual(lockName("darwin", "arm64", []), "cpu")
    assert.strictEqual(lockName("win32", "x64", []), undefined)
  })
})
