import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileSha256 } from "../../../src/models/formats/FileHash.ts"
import { readGguf } from "../../../src/models/formats/Gguf.ts"
import { readSafetensors } from "../../../src/models/formats/Safetensors.ts"
import { outlineSynthetic } from "../../../src/models/synthetic/SyntheticStore.ts"
import { miniLm } from "../synthetic/shapes.ts"

const SPECIAL: Readonly<Record<string, (path: string) => void>> = {
  "a named pipe": (path) => void execFileSync("mkfifo", [path]),
  "a device": (path) => symlinkSync("/dev/zero", path),
  "a folder": (path) => mkdirSync(path),
}

/** Copied for each file of it. */
const SMALL = { ...miniLm, layers: 1, hiddenSize: 64, feedForward: 128, heads: 4, vocabulary: 1_000 }

const ownFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "rigbook-special-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true })),
)

layer(NodeServices.layer, { excludeTestServices: true })("a model's files", (it) => {
  for (const [what, put] of Object.entries(SPECIAL))
    it.effect(`can't be ${what}`, () =>
      Effect.gen(function* () {
        const folder = yield* ownFolder
        const path = join(folder, "m.gguf")
        put(path)
        assert.include((yield* Effect.flip(readGguf(path))).detail, `is ${what}`)
        assert.include((yield* Effect.flip(fileSha256(path))).message, `is ${what}`)

        const { path: encoder } = yield* outlineSynthetic(SMALL)
        for (const file of ["config.json", "modules.json", "model.safetensors"]) {
          const copy = join(folder, file.replace(".", "-"))
          cpSync(encoder, copy, { recursive: true })
          rmSync(join(copy, file), { force: true })
          put(join(copy, file))
          const { detail } = yield* Effect.flip(readSafetensors(copy, { headersOnly: true }))
          assert.include(detail, `is ${what}, not an ordinary file`, file)
        }
      }),
    )

  it.effect("can't have a header that announces more than there is", () =>
    Effect.gen(function* () {
      const folder = yield* ownFolder
      const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer)
      const u64 = (value: bigint) => Buffer.from(BigUint64Array.of(value).buffer)
      const text = (value: string) => Buffer.concat([u64(BigInt(value.length)), Buffer.from(value)])
      const HUGE = 2n ** 60n
      const gguf = (tensors: bigint, keys: bigint, ...more: ReadonlyArray<Buffer>) =>
        Buffer.concat([Buffer.from("GGUF"), u32(3), u64(tensors), u64(keys), ...more, Buffer.alloc(4096)])
      const headers = {
        keys: gguf(0n, HUGE),
        tensors: gguf(HUGE, 0n),
        "a list": gguf(0n, 1n, text("a"), u32(9), u32(8), u64(HUGE)),
        "lists in lists": gguf(0n, 1n, text("a"), u32(9), u32(9), u64(1n), u32(9), u64(HUGE)),
        "a text": gguf(0n, 1n, text("a"), u32(8), u64(HUGE)),
        "a name": gguf(1n, 0n, u64(HUGE)),
        dimensions: gguf(1n, 0n, text("a"), u32(2 ** 31)),
        "a dimension": gguf(1n, 0n, text("a.weight"), u32(2), u64(HUGE), u64(HUGE), u32(0), u64(0n)),
      }
      for (const [what, header] of Object.entries(headers)) {
        const path = join(folder, "m.gguf")
        writeFileSync(path, header)
        const error = yield* Effect.flip(readGguf(path))
        assert.strictEqual(error._tag, "BadModel", what)
      }
    }),
  )

  it.effect("may be links, as in the cache of a hub, but no JSON without end", () =>
    Effect.gen(function* () {
      const folder = yield* ownFolder
      const { path: encoder } = yield* outlineSynthetic(SMALL)
      writeFileSync(join(folder, "rigbook.yaml"), "rigbook: 1\n")
      symlinkSync(encoder, join(folder, "model"))
      assert.strictEqual((yield* readSafetensors(join(folder, "model"), { headersOnly: true })).architecture, "bert")
      cpSync(encoder, join(folder, "deep"), { recursive: true })
      writeFileSync(join(folder, "deep", "config.json"), "[".repeat(1000))
      const { detail } = yield* Effect.flip(readSafetensors(join(folder, "deep"), { headersOnly: true }))
      assert.include(detail, "JSON that is nested more than 128 deep")
    }),
  )
})
