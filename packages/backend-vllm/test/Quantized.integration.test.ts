import { assert, describe } from "@effect/vitest"
import { NodeServices } from "@effect/platform-node"
import { shortCommand } from "@rigbook/core/engine"
import { Effect, FileSystem } from "effect"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { vllm } from "../src/Vllm.ts"
import { live, silent } from "./live.ts"
import { prepared, SMALL, tinyInput } from "./TinyModel.ts"

const script = fileURLToPath(new URL("quantized_model.py", import.meta.url))

/** Formats that vLLM's build for the processor runs, with the bits per weight of the layers, scales and zero points included. */
const RUNS = {
  awq: { name: "awq int4", bits: 4 + (16 + 4) / 32 },
  gptq: { name: "gptq int4", bits: 4 + (16 + 4) / 32 },
  "compressed-tensors-int4": { name: "compressed-tensors int4", bits: 4 + 16 / 32 },
  "compressed-tensors-int8": { name: "compressed-tensors int8", bits: 8 },
}

/** Formats for which it has no kernels, or no reader. */
const REFUSED = {
  fp8: "F8_E4M3",
  "fp8-blocks": "F8_E4M3",
  "compressed-tensors-mxfp4": "compressed-tensors mxfp4",
  bitsandbytes: "bitsandbytes nf4",
}

/** Prompts of three words, no two alike. */
const PROMPTS = Array.from({ length: 48 }, (_, at) => `w${at} w${(7 * at) % 500} w${(13 * at + 5) % 500}`)

/** What a model's weights say next after each prompt. */
const nextWords = Effect.fnUntraced(function* (path: string) {
  // The kernels of compressed-tensors take 16 bits alone.
  const input = yield* tinyInput({ ...SMALL, dtype: "bfloat16", maxModelLen: 64 })
  const session = yield* vllm.open({ ...input, files: { path }, model: yield* vllm.inspect({ path }) })
  return yield* Effect.forEach(PROMPTS, (text) =>
    Effect.map(session.send({ task: "generate", prompt: { text }, outputTokens: 1 }, silent), (answer) => answer.text),
  )
}, Effect.scoped)

// Each start of vLLM costs half a minute of processor time: set RIGBOOK_QUANTIZED=1 to run all formats.
describe.skipIf(process.env["RIGBOOK_QUANTIZED"] === undefined)(
  "quantized safetensors in vLLM on the processor (set RIGBOOK_QUANTIZED=1)",
  () => {
    const plain = Effect.runSync(
      Effect.cached(
        Effect.andThen(prepared, ({ files }) => nextWords(files.path)).pipe(
          Effect.orDie,
          Effect.provide(NodeServices.layer),
        ),
      ),
    )
    const make = Effect.fnUntraced(function* (format: string) {
      const { files, runtime } = yield* prepared
      const folder = join(yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped(), format)
      const python = join(dirname(runtime.path), "python")
      yield* shortCommand(python, [script, files.path, folder, format], { timeoutMs: 600_000 })
      return folder
    })

    for (const [format, { bits, name }] of Object.entries(RUNS))
      live(`${format}: is planned by what the file holds, and answers as the unquantized model does`, () =>
        Effect.gen(function* () {
          const folder = yield* make(format)
          const facts = yield* vllm.inspect({ path: folder })
          const { parameters, types } = yield* vllm.inspect((yield* prepared).files)
          assert.deepInclude(facts, { quantization: name, parameters })
          const packed = facts.types!.find(({ type }) => type === name)!
          const kept = sumOf(types!) - 2 * packed.parameters
          // Maps, shapes and scales of whole channels are the rest.
          assert.approximately(facts.weightBytes, kept + (packed.parameters * bits) / 8, facts.weightBytes / 50)
          const [expected, found] = [yield* plain, yield* nextWords(folder)]
          const same = found.filter((word, at) => word === expected[at]).length
          assert.isAtLeast(same, PROMPTS.length / 4, "of random weights 1 in 512 would be the same")
        }),
      )

    for (const [format, name] of Object.entries(REFUSED))
      live(`${format}: is planned, and named as what this vLLM can't run`, () =>
        Effect.gen(function* () {
          const folder = yield* make(format)
          assert.strictEqual((yield* vllm.inspect({ path: folder })).quantization, name)
          const { reason } = yield* Effect.flip(nextWords(folder))
          assert.strictEqual(reason._tag, "Unsupported")
          assert.match(
            reason.detail,
            /^This vLLM (has no kernel for the quantized weights on this device|does not read weights that are quantized)/,
          )
        }),
      )
  },
)

const sumOf = (types: ReadonlyArray<{ readonly bytes: number }>): number =>
  types.reduce((total, { bytes }) => total + bytes, 0)
