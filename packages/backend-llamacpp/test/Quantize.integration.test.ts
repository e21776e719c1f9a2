import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { markedName, type Quantization, Runtime } from "@rigbook/core"
import { fetchModel } from "@rigbook/core/models"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { llamacpp } from "../src/LlamaCpp.ts"
import { SMOLLM2_SOURCE } from "./smollm2Source.ts"

/** Bytes of all tensors and bits per weight as llama-quantize prints them: "quant size = 136.40 MiB (8.51 BPW)". */
const SIZES: ReadonlyArray<readonly [to: Quantization, mib: string, bits: string]> = [
  ["Q4_0", "85.77", "5.35"],
  ["Q4_K_M", "98.87", "6.17"],
  ["Q8_0", "136.40", "8.51"],
  ["F16", "256.63", "16.00"],
]

const prepared = Effect.gen(function* () {
  const runtime = yield* llamacpp.machine!.setup!
  return { runtime, files: yield* fetchModel("SmolLM2", SMOLLM2_SOURCE, "/") }
})

describe("SmolLM2 135M, quantized again from Q4_1", () => {
  it.layer(NodeServices.layer, { excludeTestServices: true })((it) => {
    it.effect.each(SIZES)("%s is what its header was planned to be", ([to, mib, bits]) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { files, runtime } = yield* prepared
        const requested = { ...files, quantizeTo: to }
        const planned = yield* llamacpp.inspect({ ...requested, headersOnly: true })
        const made = yield* llamacpp.files!.prepare(requested, runtime)
        assert.deepStrictEqual(yield* llamacpp.files!.prepared!(requested, runtime), made)
        const model = yield* llamacpp.inspect(made)
        assert.strictEqual(model.quantization, to)
        assert.strictEqual((model.weightBytes / 2 ** 20).toFixed(2), mib)
        assert.strictEqual(model.bitsPerWeight.toFixed(2), bits)
        for (const fact of ["types", "weightBytes", "bitsPerWeight", "tensorBytes", "quantization"] as const)
          assert.deepStrictEqual(planned[fact], model[fact], fact)
        // Beside the tensors there is a header, with 49,152 tokens in it.
        const { size } = yield* fs.stat(made.path)
        assert.strictEqual(model.fileBytes, Number(size))
        assert.closeTo(Number(size) - model.weightBytes, 1_786_000, 10_000)
        assert.closeTo(planned.fileBytes, model.fileBytes, 10_000)
      }),
    )

    it.effect("tells where it comes from, in its own header, and beside its name", () =>
      Effect.gen(function* () {
        const { files, runtime } = yield* prepared
        const source = yield* llamacpp.inspect(files)
        const model = yield* llamacpp.inspect(yield* llamacpp.files!.prepare({ ...files, quantizeTo: "Q4_0" }, runtime))
        const { bitsPerWeight, quantization, sha256 } = source
        assert.deepStrictEqual(model.quantizedFrom, { format: "gguf", quantization, bitsPerWeight, sha256 })
        assert.strictEqual(markedName("SmolLM2", model), "SmolLM2 (weights requantized from Q4_1)")
        assert.deepStrictEqual(yield* llamacpp.files!.prepare(files, runtime), files)
        assert.deepStrictEqual(yield* llamacpp.files!.prepared!(files, runtime), files)
      }),
    )

    it.effect("is refused with the reason where there is no quantizer, or a broken one", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { files } = yield* prepared
        const folder = yield* fs.makeTempDirectoryScoped()
        const elsewhere = new Runtime({
          program: "llama-server",
          version: folder,
          origin: "named",
          path: join(folder, "bin/llama-server"),
          libraries: {},
        })
        assert.isUndefined(yield* llamacpp.files!.prepared!({ ...files, quantizeTo: "Q4_0" }, elsewhere))
        const attempt = Effect.flip(llamacpp.files!.prepare({ ...files, quantizeTo: "Q4_0" }, elsewhere))
        assert.match((yield* attempt).reason.detail, /has no libllama\.\w+ beside it/)
        yield* fs.makeDirectory(join(folder, "bin"))
        for (const name of ["libllama.so", "libllama.dylib"])
          yield* fs.writeFileString(join(folder, "bin", name), "no library")
        const { _tag, reason } = yield* attempt
        assert.strictEqual(_tag, "BackendError")
        assert.match(reason.detail, /can't be quantized to Q4_0: OSError: /)
      }),
    )
  })
})
