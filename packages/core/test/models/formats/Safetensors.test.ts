import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Schema } from "effect"
import { createHash } from "node:crypto"
import { dirname, join } from "node:path"
import { ModelFacts } from "../../../src/model/Model.ts"
import { readSafetensors } from "../../../src/models/formats/Safetensors.ts"

interface Entry {
  readonly dtype: string
  readonly shape: ReadonlyArray<number>
  readonly data_offsets: readonly [number, number]
}

/** A safetensors file. `headerBytes` lies about the header's length when it is given. */
const file = (header: string, dataBytes: number, headerBytes?: number): Uint8Array => {
  const json = Buffer.from(header)
  const start = Buffer.alloc(8)
  start.writeBigUInt64LE(BigInt(headerBytes ?? json.length))
  return Buffer.concat([start, json, Buffer.alloc(dataBytes, 1)])
}

const weights = (entries: Record<string, Entry>, dataBytes: number) => file(JSON.stringify(entries), dataBytes)

const BERT = {
  positions: { dtype: "I64", shape: [1, 4], data_offsets: [0, 32] },
  embedding: { dtype: "F32", shape: [4, 4], data_offsets: [32, 96] },
  norm: { dtype: "F16", shape: [4], data_offsets: [96, 104] },
} as const
const CONFIG = JSON.stringify({
  model_type: "bert",
  num_hidden_layers: 6,
  hidden_size: 384,
  num_attention_heads: 12,
  max_position_embeddings: 512,
  vocab_size: 30522,
})

type Files = Readonly<Record<string, string | Uint8Array>>

const whole = { "model.safetensors": weights(BERT, 104), "config.json": CONFIG } satisfies Files

const read = (files: Files) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped()
    for (const [name, content] of Object.entries(files)) {
      yield* fs.makeDirectory(join(folder, dirname(name)), { recursive: true })
      yield* fs.writeFile(join(folder, name), Buffer.from(content))
    }
    return yield* readSafetensors(folder)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex")

/** Of the files' names and hashes: other settings beside the same weights are another model. */
const hashOf = (files: Readonly<Record<string, string | Uint8Array>>): string =>
  sha256(
    Object.entries(files)
      .map(([name, content]) => `${name} ${sha256(content)}`)
      .toSorted()
      .join("\n"),
  )

describe("readSafetensors", () => {
  it.effect("counts weights, but not the integers beside them; bytes of both", () =>
    Effect.gen(function* () {
      const facts = yield* read(whole)
      assert.deepStrictEqual(
        facts,
        new ModelFacts({
          format: "safetensors",
          architecture: "bert",
          parameters: 20,
          quantization: "F32",
          bitsPerWeight: (8 * 104) / 20,
          weightBytes: 104,
          types: [
            { type: "F32", tensors: 1, parameters: 16, bytes: 64 },
            { type: "I64", tensors: 1, parameters: 4, bytes: 32 },
            { type: "F16", tensors: 1, parameters: 4, bytes: 8 },
          ],
          fileBytes: whole["model.safetensors"].length,
          layers: 6,
          contextLength: 512,
          positions: 512,
          hiddenSize: 384,
          heads: 12,
          vocabulary: 30522,
          chatTemplate: false,
          sha256: hashOf(whole),
        }),
      )
    }),
  )

  it.effect("reads the width of heads and the number of experts where they are given", () =>
    Effect.gen(function* () {
      const mixture = { model_type: "mixtral", head_dim: 256, num_local_experts: 8 }
      const facts = yield* read({ ...whole, "config.json": JSON.stringify(mixture) })
      assert.deepInclude(facts, { keyLength: 256, valueLength: 256, experts: 8 })
    }),
  )

  it.effect("reads what a plan needs, of the part that writes where a model has several", () =>
    Effect.gen(function* () {
      const config = {
        model_type: "gemma3",
        text_config: {
          num_hidden_layers: 3,
          head_dim: 256,
          intermediate_size: 2048,
          num_experts: 8,
          num_experts_per_tok: 2,
          sliding_window: 512,
          layer_types: ["sliding_attention", "full_attention", "sliding_attention"],
        },
      }
      assert.deepInclude(yield* read({ ...whole, "config.json": JSON.stringify(config) }), {
        layers: 3,
        keyLength: 256,
        valueLength: 256,
        feedForward: 2048,
        experts: 8,
        expertsUsed: 2,
        slidingWindow: { tokens: 512, layers: [0, 2] },
      })
      const latent = { model_type: "deepseek_v3", kv_lora_rank: 512, qk_rope_head_dim: 64 }
      assert.strictEqual((yield* read({ ...whole, "config.json": JSON.stringify(latent) })).latentLength, 576)
    }),
  )

  it.effect("takes the longest text from sentence-transformers, the template from the tokenizer", () =>
    Effect.gen(function* () {
      const facts = yield* read({
        ...whole,
        "sentence_bert_config.json": `{"max_seq_length": 256}`,
        "tokenizer_config.json": `{"chat_template": "{{ messages }}"}`,
      })
      assert.strictEqual(facts.contextLength, 256)
      assert.isTrue(facts.chatTemplate)
    }),
  )

  it.effect("knows other architectures' names, and leaves out what is not said", () =>
    Effect.gen(function* () {
      const facts = yield* read({
        ...whole,
        "config.json": `{"model_type":"distilbert","dim":768,"n_layers":6,"n_heads":0}`,
      })
      assert.strictEqual(facts.hiddenSize, 768)
      assert.strictEqual(facts.layers, 6)
      assert.notProperty(facts, "heads")
      assert.notProperty(facts, "contextLength")
    }),
  )

  it.effect("adds up several files, and those of module folders", () =>
    Effect.gen(function* () {
      const half = { embedding: { dtype: "BF16", shape: [8], data_offsets: [0, 16] } } as const
      const a = weights(half, 16)
      const b = weights({ other: half.embedding }, 16)
      const facts = yield* read({ "a.safetensors": a, "2_Dense/b.safetensors": b, "config.json": CONFIG })
      assert.strictEqual(facts.parameters, 16)
      assert.strictEqual(facts.quantization, "BF16")
      assert.strictEqual(facts.fileBytes, a.length + b.length)
      assert.strictEqual(
        facts.sha256,
        hashOf({ "a.safetensors": a, "2_Dense/b.safetensors": b, "config.json": CONFIG }),
      )
    }),
  )

  it.effect(
    "reads no folders below those of a model's modules, so that a folder of many projects is soon refused",
    () =>
      Effect.gen(function* () {
        const near = yield* Effect.flip(read({ "onnx/model.onnx": "" }))
        assert.include("detail" in near ? near.detail : "", "ONNX")
        const deep = yield* Effect.flip(read({ "project/build/model.onnx": "" }))
        assert.include("detail" in deep ? deep.detail : "", "No *.safetensors file")
      }),
  )

  it.effect("believes the index which files belong together", () =>
    Effect.gen(function* () {
      const index = JSON.stringify({ weight_map: { embedding: "model.safetensors" } })
      const twice = {
        ...whole,
        "consolidated.safetensors": whole["model.safetensors"],
        "model.safetensors.index.json": index,
      }
      assert.strictEqual((yield* read(twice)).parameters, 20)
    }),
  )

  const TRANSFORMER = { type: "sentence_transformers.models.Transformer", path: "" }
  const POOLING = { type: "sentence_transformers.models.Pooling", path: "1_Pooling" }
  const pooled = `{"word_embedding_dimension":384,"pooling_mode_cls_token":false,"pooling_mode_mean_tokens":true}`

  it.effect("leaves out the positions that RoBERTa and its like can't use, and limits beyond them", () =>
    Effect.gen(function* () {
      const roberta = (architecture: string, more: object = {}) =>
        read({
          ...whole,
          "config.json": JSON.stringify({ model_type: architecture, max_position_embeddings: 514, ...more }),
          "sentence_bert_config.json": `{"max_seq_length": 4096}`,
        })
      for (const architecture of ["roberta", "xlm-roberta", "mpnet", "camembert"])
        assert.deepInclude(yield* roberta(architecture), { positions: 512, contextLength: 512 }, architecture)
      assert.strictEqual((yield* roberta("roberta", { pad_token_id: 0 })).positions, 513)
      assert.strictEqual((yield* roberta("bert")).positions, 514)
      // Positions come from something else than a table: what the folder says holds.
      const rotary = yield* read({ ...whole, "config.json": `{"model_type":"t5","n_positions":512}` })
      assert.notProperty(rotary, "positions")
    }),
  )

  it.effect("reads a transformer in a folder of its own, and the width that modules leave vectors with", () =>
    Effect.gen(function* () {
      const dense = { type: "sentence_transformers.models.Dense", path: "2_Dense" }
      const first = { ...TRANSFORMER, path: "0_Transformer" }
      const files = {
        "0_Transformer/model.safetensors": whole["model.safetensors"],
        "0_Transformer/config.json": CONFIG,
        "0_Transformer/sentence_bert_config.json": `{"max_seq_length": 128}`,
        "1_Pooling/config.json": pooled,
        "2_Dense/config.json": `{"in_features":384,"out_features":512}`,
        "modules.json": JSON.stringify([first, POOLING, dense]),
      }
      const facts = yield* read(files)
      assert.deepInclude(facts, { architecture: "bert", contextLength: 128, hiddenSize: 384, dimensions: 512 })
      assert.strictEqual(facts.sha256, hashOf(files))
      const both = yield* read({
        ...whole,
        "1_Pooling/config.json": pooled.replace("false", "true"),
        "modules.json": JSON.stringify([TRANSFORMER, POOLING]),
        "config_sentence_transformers.json": `{"truncate_dim":64,"prompts":{"query":"query: ","document":"","odd":1}}`,
      })
      assert.deepInclude(both, { dimensions: 768, shortenedTo: 64, prompts: { query: "query: " } })
      const plain = yield* read({
        ...whole,
        "1_Pooling/config.json": pooled,
        "modules.json": JSON.stringify([TRANSFORMER, POOLING]),
      })
      for (const key of ["dimensions", "shortenedTo", "prompts"]) assert.notProperty(plain, key)
    }),
  )

  it.effect("reads a table of tokens, which has no config.json", () =>
    Effect.gen(function* () {
      const table = weights({ "embedding.weight": { dtype: "F32", shape: [8, 4], data_offsets: [0, 128] } }, 128)
      for (const path of ["0_StaticEmbedding", ""]) {
        const files = {
          "modules.json": JSON.stringify([{ type: "sentence_transformers.models.StaticEmbedding", path }]),
          [join(path, "model.safetensors")]: table,
          [join(path, "tokenizer.json")]: "{}",
        }
        const facts = yield* read(files)
        assert.deepInclude(facts, { architecture: "static", hiddenSize: 4, vocabulary: 8, parameters: 32 })
        assert.strictEqual(facts.sha256, hashOf(files))
      }
    }),
  )

  const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 12345\n`
  const broken: ReadonlyArray<readonly [string, Files, RegExp]> = [
    ["a folder without weights", { "config.json": CONFIG }, /No \*\.safetensors/],
    [
      "weights that were not fetched",
      { ...whole, "model.safetensors": POINTER },
      /model\.safetensors is a pointer of Git LFS/,
    ],
    [
      "a tokenizer that was not fetched",
      { ...whole, "tokenizer.json": POINTER },
      /tokenizer\.json is a pointer of Git LFS/,
    ],
    [
      "a config.json that was not fetched",
      { ...whole, "config.json": POINTER },
      /config\.json is a pointer of Git LFS/,
    ],
    [
      "weights in PyTorch's own format",
      { "config.json": CONFIG, "pytorch_model.bin": "x" },
      /in PyTorch's own format only \(pytorch_model\.bin\)/,
    ],
    [
      "weights in ONNX",
      Object.fromEntries(["", "_O1", "_O2", "_O3"].map((which) => [`onnx/model${which}.onnx`, "x"])),
      /in ONNX only \(onnx\/model\.onnx, onnx\/model_O1\.onnx, onnx\/model_O2\.onnx and 1 more\)/,
    ],
    ["a GGUF file", { "model.gguf": "GGUF" }, /in GGUF only/],
    ["OpenVINO's files", { "openvino_model.xml": "x", "openvino_model.bin": "x" }, /in OpenVINO only/],
    ["a modules.json that is no list", { ...whole, "modules.json": "{}" }, /not a list of modules/],
    [
      "a module outside of the folder",
      { ...whole, "modules.json": JSON.stringify([{ ...TRANSFORMER, path: "../other" }]) },
      /path in the folder/,
    ],
    ["a folder without config.json", { "model.safetensors": whole["model.safetensors"] }, /No config\.json/],
    ["a config.json that is no object", { ...whole, "config.json": "[1" }, /not a JSON object/],
    ["a config.json without an architecture", { ...whole, "config.json": "{}" }, /model_type/],
    ["an empty file", { ...whole, "model.safetensors": "" }, /incomplete/],
    ["a header longer than the file", { ...whole, "model.safetensors": file("{}", 0, 2 ** 40) }, /incomplete/],
    ["a header that is no JSON", { ...whole, "model.safetensors": file("{oops", 8) }, /not a JSON object/],
    ["a tensor without a shape", { ...whole, "model.safetensors": file(`{"x":{"dtype":"F32"}}`, 8) }, /tensor x/],
    ["an unknown type", { ...whole, "model.safetensors": weights({ x: { ...BERT.norm, dtype: "Q9" } }, 104) }, /Q9/],
    ["a tensor past the end", { ...whole, "model.safetensors": weights(BERT, 103) }, /ends at byte 104 of 103/],
    [
      "a tensor shorter than its shape",
      { ...whole, "model.safetensors": weights({ x: { dtype: "F32", shape: [3], data_offsets: [0, 8] } }, 8) },
      /8 bytes, but 3 elements/,
    ],
    [
      "offsets the wrong way round",
      { ...whole, "model.safetensors": weights({ x: { dtype: "F32", shape: [1], data_offsets: [8, 4] } }, 8) },
      /-4 bytes/,
    ],
    ["bytes that belong to nothing", { ...whole, "model.safetensors": weights(BERT, 200) }, /fill 104 of 200/],
    ["no tensors at all", { ...whole, "model.safetensors": file("{}", 0) }, /can't be counted/],
    [
      "weights packed into integers",
      { ...whole, "model.safetensors": weights({ q: { dtype: "I32", shape: [2], data_offsets: [0, 8] } }, 8) },
      /packed into integers/,
    ],
    [
      "a missing shard",
      { ...whole, "model.safetensors.index.json": `{"weight_map":{"x":"model-2.safetensors"}}` },
      /is missing model-2\.safetensors/,
    ],
  ]
  for (const [what, files, detail] of broken) {
    it.effect(`refuses ${what}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(read(files))
        assert.strictEqual(error._tag, "BadModel")
        if (error._tag !== "BadModel") return
        assert.match(error.detail, detail)
        assert.isNotEmpty(error.fix)
      }),
    )
  }

  it.effect("refuses a folder that is not there", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(readSafetensors("/no/such/folder"))
      assert.match(error.detail, /No folder \/no\/such\/folder/)
      assert.match((yield* Effect.flip(readSafetensors(import.meta.filename))).detail, /^No folder .*\.ts/)
    }).pipe(Effect.provide(NodeServices.layer)),
  )

  const bytes = whole["model.safetensors"]
  const Cut = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: bytes.length - 1 }))

  it.effect.prop("calls a file that is cut off anywhere a BadModel", [Cut], ([length]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(read({ ...whole, "model.safetensors": bytes.slice(0, length) }))
      assert.strictEqual(error._tag, "BadModel")
    }),
  )

  const Damage = Schema.Struct({ at: Cut, value: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })) })

  it.effect.prop("gives facts or a BadModel, whatever byte of a file is wrong", [Damage], ([{ at, value }]) =>
    Effect.gen(function* () {
      const damaged = Uint8Array.from(bytes)
      damaged[at] = value
      const outcome = yield* Effect.match(read({ ...whole, "model.safetensors": damaged }), {
        onFailure: (error) => error._tag,
        onSuccess: (facts) => facts.format,
      })
      assert.include(["BadModel", "safetensors"], outcome)
    }),
  )
})
