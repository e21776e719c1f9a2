import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { basename, join } from "node:path"
import { readGguf } from "../../../src/models/formats/Gguf.ts"
import { type GgufTensor, type GgufValue } from "../../../src/models/formats/GgufWriter.ts"
import { BadModel } from "../../../src/runtime/BackendError.ts"
import { ggufBytes } from "./ggufBytes.ts"

const METADATA: Readonly<Record<string, GgufValue>> = {
  "general.architecture": { string: "llama" },
  "llama.block_count": { u32: 2 },
  "llama.embedding_length": { u32: 64 },
  "llama.attention.head_count": { u32: 4 },
}

const tensor = (name: string): GgufTensor => ({ name, shape: [64, 4], type: 0, bytes: 1024 })
const FIRST = [tensor("token_embd.weight"), tensor("blk.0.ffn_up.weight")]
const SECOND = [tensor("blk.1.ffn_up.weight"), tensor("output.weight")]
const split = (no: number, tensors = 4): Readonly<Record<string, GgufValue>> => ({
  "split.no": { u32: no },
  "split.count": { u32: 2 },
  "split.tensors.count": { u32: tensors },
})

/** Writes files into a folder and reads the one named first. */
const read = Effect.fnUntraced(function* (files: Readonly<Record<string, Buffer>>) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* Effect.orDie(fs.makeTempDirectoryScoped())
  for (const [name, bytes] of Object.entries(files)) yield* Effect.orDie(fs.writeFile(join(folder, name), bytes))
  return yield* readGguf(join(folder, Object.keys(files)[0]!))
}, Effect.scoped)

const NAMES = ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"] as const
const one = ggufBytes({ ...METADATA, ...split(0) }, FIRST)
const two = ggufBytes(split(1), SECOND)

/** A header in which a key stands twice: two keys of one length, one renamed to the other. */
const doubled = (): Buffer => {
  const bytes = Buffer.from(ggufBytes({ ...METADATA, "llama.block_xxxxx": { u32: 99 } }, FIRST))
  bytes.write("llama.block_count", bytes.indexOf("llama.block_xxxxx"))
  return bytes
}

const version = (number: number): Buffer => {
  const bytes = Buffer.from(ggufBytes(METADATA, FIRST))
  bytes.writeUInt32LE(number, 4)
  return bytes
}

/** No keys and no tensors, counted in 32 bits. */
const firstVersion = (): Buffer => {
  const bytes = Buffer.alloc(64)
  bytes.write("GGUF")
  bytes.writeUInt32LE(1, 4)
  return bytes
}

describe("readGguf", () => {
  it.layer(NodeServices.layer)((it) => {
    it.effect("reads a set of parts as one model, by the first", () =>
      Effect.gen(function* () {
        const whole = yield* read({ "m.gguf": ggufBytes(METADATA, [...FIRST, ...SECOND]) })
        const parts = yield* read({ [NAMES[0]]: one, [NAMES[1]]: two })
        assert.strictEqual(parts.fileBytes, one.length + two.length)
        const same = ["parameters", "weightBytes", "types", "tensorBytes", "layers", "bitsPerWeight"] as const
        for (const fact of same) assert.deepStrictEqual(parts[fact], whole[fact])
        // Other bytes in any part make another model.
        const other = Buffer.from(two)
        other.writeUInt8(1, other.length - 1)
        assert.notStrictEqual((yield* read({ [NAMES[0]]: one, [NAMES[1]]: other })).sha256, parts.sha256)
      }),
    )

    const refused: Readonly<
      Record<string, readonly [files: Readonly<Record<string, Buffer>>, detail: RegExp, fix?: RegExp]>
    > = {
      "a set without its second part": [{ [NAMES[0]]: one }, /Part 2 of 2 is missing: m-00002-of-00002\.gguf/],
      "the second part": [
        { [NAMES[1]]: two, [NAMES[0]]: one },
        /not the first of its 2 parts/,
        /m-00001-of-00002\.gguf/,
      ],
      "a part of another release": [
        { [NAMES[0]]: ggufBytes({ ...METADATA, ...split(0, 9) }, FIRST), [NAMES[1]]: two },
        /4 tensors, but its header says 9/,
      ],
      "a part under another's name": [{ [NAMES[0]]: one, [NAMES[1]]: one }, /says it is part 1 of 2/],
      "a key that stands twice": [{ "m.gguf": doubled() }, /key llama\.block_count twice/],
      "a tensor that stands twice": [
        { "m.gguf": ggufBytes(METADATA, [...FIRST, ...FIRST]) },
        /tensor token_embd\.weight twice/,
      ],
      "more layers than the header reports": [
        { "m.gguf": ggufBytes(METADATA, [...FIRST, tensor("blk.2.ffn_up.weight")]) },
        /blk\.2\.ffn_up\.weight, though its header says 2 layers/,
      ],
      "a later version": [{ "m.gguf": version(4) }, /version 4/, /update Rigbook/],
      "the first version": [{ "m.gguf": firstVersion() }, /version 1/],
      "a projector": [
        { "m.gguf": ggufBytes({ ...METADATA, "general.architecture": { string: "clip" } }, FIRST) },
        /mmproj/,
        /language model/,
      ],
      "an adapter": [
        { "m.gguf": ggufBytes({ ...METADATA, "general.type": { string: "adapter" } }, FIRST) },
        /LoRA/,
        /trained for/,
      ],
      "an importance matrix": [
        { "m.gguf": ggufBytes({ ...METADATA, "general.type": { string: "imatrix" } }, FIRST) },
        /importance matrix/,
      ],
      "a type of its own": [
        { "m.gguf": ggufBytes({ ...METADATA, "general.type": { string: "poem" } }, FIRST) },
        /type poem/,
      ],
    }
    for (const [what, [files, detail, fix = /./]] of Object.entries(refused))
      it.effect(`refuses ${what}, with what to do`, () =>
        Effect.gen(function* () {
          const error = yield* Effect.flip(read(files))
          assert.instanceOf(error, BadModel)
          assert.match(error.detail, detail)
          assert.match(error.fix, fix)
          assert.include(error.detail, basename(Object.keys(files)[0]!).slice(0, 1))
        }),
      )
  })
})
