import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { readGguf } from "../../../src/models/formats/Gguf.ts"
import { ggufHeader, type GgufTensor, type GgufValue } from "../../../src/models/formats/GgufWriter.ts"
import { BadModel } from "../../../src/runtime/BackendError.ts"
import { ggufBytes } from "./ggufBytes.ts"

const METADATA: Readonly<Record<string, GgufValue>> = {
  "general.architecture": { string: "llama" },
  "general.file_type": { u32: 15 },
  "llama.block_count": { u32: 2 },
  "llama.context_length": { u32: 512 },
  "llama.embedding_length": { u32: 64 },
  "llama.attention.head_count": { u32: 4 },
  "llama.attention.head_count_kv": { u32: 2 },
  "tokenizer.ggml.tokens": { strings: ["<s>", "</s>", "a", "é"] },
  "tokenizer.chat_template": { string: "{{ messages }}" },
}

const TENSORS: ReadonlyArray<GgufTensor> = [
  { name: "token_embd.weight", shape: [64, 4], type: 8, bytes: (64 * 4 * 34) / 32 },
  { name: "blk.0.attn_norm.weight", shape: [64], type: 0, bytes: 64 * 4 },
  { name: "blk.0.ffn_up.weight", shape: [256, 2], type: 12, bytes: (256 * 2 * 144) / 256 },
]

const WHOLE = ggufBytes(METADATA, TENSORS)

const read = Effect.fnUntraced(function* (bytes: Uint8Array) {
  const fs = yield* FileSystem.FileSystem
  const path = join(yield* Effect.orDie(fs.makeTempDirectoryScoped()), "tiny.gguf")
  yield* Effect.orDie(fs.writeFile(path, bytes))
  return yield* readGguf(path)
}, Effect.scoped)

describe("readGguf", () => {
  it.layer(NodeServices.layer)((it) => {
    it.effect("reads the facts from the header", () =>
      Effect.gen(function* () {
        const { sha256, ...facts } = yield* read(WHOLE)
        const weightBytes = 272 + 256 + 288
        assert.deepStrictEqual(
          { ...facts },
          {
            format: "gguf",
            architecture: "llama",
            parameters: 256 + 64 + 512,
            quantization: "Q4_K_M",
            bitsPerWeight: (8 * weightBytes) / 832,
            weightBytes,
            fileBytes: WHOLE.length,
            types: [
              { type: "Q4_K", tensors: 1, parameters: 512, bytes: 288 },
              { type: "Q8_0", tensors: 1, parameters: 256, bytes: 272 },
              { type: "F32", tensors: 1, parameters: 64, bytes: 256 },
            ],
            tensorBytes: { input: 272, layers: [544], output: 0, tied: true },
            layers: 2,
            contextLength: 512,
            hiddenSize: 64,
            heads: 4,
            kvHeads: 2,
            keyLength: 16,
            valueLength: 16,
            vocabulary: 4,
            chatTemplate: true,
          },
        )
        assert.match(sha256, /^[0-9a-f]{64}$/)
      }),
    )

    it.effect("reads head widths from the header, not from the hidden size", () =>
      Effect.gen(function* () {
        const facts = yield* read(ggufBytes({ ...METADATA, "llama.attention.key_length": { u32: 256 } }, TENSORS))
        assert.deepStrictEqual([facts.keyLength, facts.valueLength], [256, 16])
      }),
    )

    it.effect("reads the number of experts, which is left out where there are none", () =>
      Effect.gen(function* () {
        const count = (experts: number) =>
          read(ggufBytes({ ...METADATA, "llama.expert_count": { u32: experts } }, TENSORS))
        assert.strictEqual((yield* count(8)).experts, 8)
        assert.notProperty(yield* count(0), "experts")
      }),
    )

    it.effect("takes the largest of counts that differ by layer, and keeps them", () =>
      Effect.gen(function* () {
        const facts = yield* read(
          ggufBytes({ ...METADATA, "llama.attention.head_count_kv": { u32s: [1, 4] } }, TENSORS),
        )
        assert.strictEqual(facts.kvHeads, 4)
        assert.deepStrictEqual(facts.kvHeadsByLayer, [1, 4])
        const shared = yield* read(ggufBytes({ ...METADATA, "llama.attention.shared_kv_layers": { u32: 1 } }, TENSORS))
        assert.deepStrictEqual(shared.kvHeadsByLayer, [2, 0])
      }),
    )

    it.effect("reads what a plan needs: experts, windows, latent attention", () =>
      Effect.gen(function* () {
        const experts = { "llama.expert_count": { u32: 8 }, "llama.expert_used_count": { u32: 2 } }
        const ff = { "llama.feed_forward_length": { u32: 100 } }
        assert.deepInclude(yield* read(ggufBytes({ ...METADATA, ...experts, ...ff }, TENSORS)), {
          experts: 8,
          expertsUsed: 2,
          feedForward: 100,
        })
        const own = { "llama.expert_feed_forward_length": { u32: 7 } }
        assert.strictEqual((yield* read(ggufBytes({ ...METADATA, ...experts, ...ff, ...own }, TENSORS))).feedForward, 7)
        const latent = { "llama.attention.key_length": { u32: 576 }, "llama.attention.key_length_mla": { u32: 192 } }
        assert.strictEqual((yield* read(ggufBytes({ ...METADATA, ...latent }, TENSORS))).latentLength, 576)
      }),
    )

    it.effect("reads a header whose weights are not there, where only headers are requested", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = join(yield* Effect.orDie(fs.makeTempDirectoryScoped()), "header.gguf")
        yield* Effect.orDie(fs.writeFile(path, ggufHeader(METADATA, TENSORS)))
        const { sha256, ...facts } = yield* readGguf(path, { headersOnly: true })
        const { sha256: whole, ...same } = yield* read(WHOLE)
        assert.deepStrictEqual({ ...facts }, { ...same })
        assert.notStrictEqual(sha256, whole)
        assert.match((yield* Effect.flip(readGguf(path))).detail, /ends at byte/)
      }).pipe(Effect.scoped),
    )

    it.effect("leaves out what the header does not report, and names the weights by their commonest type", () =>
      Effect.gen(function* () {
        const facts = yield* read(ggufBytes({ "general.architecture": { string: "bert" } }, TENSORS))
        assert.strictEqual(facts.quantization, "Q4_K")
        assert.isFalse(facts.chatTemplate)
        for (const key of ["layers", "heads", "kvHeads", "keyLength", "contextLength", "vocabulary"] as const)
          assert.notProperty(facts, key)
      }),
    )

    it.effect("refuses what is not a whole GGUF model, with what to do", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const folder = yield* fs.makeTempDirectory()
        const errors = yield* Effect.forEach(
          [
            read(new Uint8Array()),
            read(Buffer.from("hello, this is text and no model")),
            readGguf(folder),
            readGguf(join(folder, "absent.gguf")),
            read(ggufBytes({}, TENSORS)),
            read(ggufBytes(METADATA, [])),
            read(ggufBytes({ ...METADATA, "split.count": { u32: 3 } }, TENSORS)),
            read(ggufBytes(METADATA, [{ name: "odd", shape: [4], type: 31, bytes: 4 }])),
            read(ggufBytes(METADATA, [{ name: "uneven", shape: [33], type: 8, bytes: 34 }])),
          ],
          (reading) => Effect.flip(reading),
        )
        const expected = "empty|not a GGUF|a folder|No file|architecture|no weights|3 parts|type 31|uneven".split("|")
        for (const [index, error] of errors.entries()) {
          assert.instanceOf(error, BadModel)
          assert.include(error.detail, expected[index]!)
        }
        yield* fs.remove(folder, { recursive: true })
      }),
    )

    it.effect("refuses a file cut anywhere", () =>
      Effect.forEach(
        Array.from({ length: Math.floor(WHOLE.length / 3) }, (_, index) => WHOLE.length - 1 - 3 * index),
        (length) =>
          Effect.gen(function* () {
            const error = yield* Effect.flip(read(WHOLE.subarray(0, length)))
            assert.instanceOf(error, BadModel, `cut at ${length} bytes`)
          }),
        { concurrency: 8, discard: true },
      ),
    )

    it.effect.prop(
      "never dies of broken bytes",
      [Schema.Array(Schema.Struct({ at: Schema.Int, byte: Schema.Int }))],
      ([edits]) =>
        Effect.gen(function* () {
          const bytes = Buffer.from(WHOLE)
          for (const { at, byte } of edits) bytes[Math.abs(at) % bytes.length] = byte & 255
          const exit = yield* Effect.exit(read(bytes))
          if (Exit.isFailure(exit)) assert.isFalse(Exit.hasDies(exit))
        }),
    )
  })
})
