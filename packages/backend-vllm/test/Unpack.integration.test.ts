import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Progress, Runtime } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { readGguf } from "@rigbook/core/models"
import { Effect, FileSystem, Schema, type Scope } from "effect"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, vi } from "vitest"
import { prepare, prepared } from "../src/Unpack.ts"
import { vllm } from "../src/Vllm.ts"
import { smolLm2 } from "./SmolLm2.ts"

const COMPARE = fileURLToPath(new URL("compare_unpacked.py", import.meta.url))
const Names = Schema.Array(Schema.String)
const decodeComparison = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Struct({ names: Names, different: Names, shifted: Names, unknown: Names })),
)

afterEach(() => void vi.unstubAllEnvs())

/** A cache of its own, so that nothing is there yet. */
const emptyCache = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const cache = yield* fs.makeTempDirectoryScoped()
  vi.stubEnv("RIGBOOK_CACHE", cache)
  return cache
})

const live = <E>(name: string, test: () => Effect.Effect<void, E, NodeServices.NodeServices | Scope.Scope>) =>
  it.live(name, () => test().pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

describe("prepare", () => {
  live("unpacks a GGUF once, telling of it, into a folder that holds the same weights", () =>
    Effect.gen(function* () {
      const { file, runtime } = yield* smolLm2
      const header = yield* readGguf(file.path)
      yield* emptyCache
      assert.isUndefined(yield* prepared(file, runtime))
      const steps: Array<string> = []
      const reported = Effect.provideService(prepare(file, runtime), Progress, ({ detail }) =>
        Effect.sync(() => void steps.push(detail ?? "")),
      )
      const files = yield* reported
      assert.includeMembers(steps, ["unpacking the weights", "writing safetensors", "unpacked to bf16"])
      const { bitsPerWeight, quantization, sha256 } = header
      const unpackedFrom = { format: "gguf", quantization, bitsPerWeight, sha256 } as const
      assert.deepStrictEqual(files.unpackedFrom, unpackedFrom)

      assert.deepStrictEqual(yield* prepared(file, runtime), files)

      const before = steps.length
      assert.deepStrictEqual(yield* reported, files)
      assert.strictEqual(steps.length, before, "a second time there is nothing to do")

      const model = yield* vllm.inspect(files)
      for (const fact of ["heads", "kvHeads", "layers", "parameters", "vocabulary"] as const)
        assert.strictEqual(model[fact], header[fact], fact)
      assert.deepStrictEqual(model.unpackedFrom, unpackedFrom)
      assert.deepInclude(model, { format: "safetensors", quantization: "BF16", bitsPerWeight: 16, chatTemplate: true })

      // Tensor by tensor, as gguf's own Python reads the packed ones.
      const { stdout } = yield* shortCommand(join(dirname(runtime.path), "python"), [COMPARE, file.path, files.path], {
        timeoutMs: 600_000,
      })
      const { different, names, shifted, unknown } = decodeComparison(stdout)
      assert.lengthOf(names, 9 * model.layers! + 2)
      assert.deepStrictEqual([different, unknown], [[], []])
      assert.deepStrictEqual(shifted, names, "the comparison finds what is out of its place")
    }),
  )

  live("leaves a folder as it is, and says why a file can't be unpacked, leaving nothing behind", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { file } = yield* smolLm2
      const cache = yield* emptyCache
      // A Python without what transformers requires.
      const bin = join(cache, "bin")
      yield* fs.makeDirectory(bin)
      yield* fs.writeFileString(join(bin, "python"), '#!/bin/sh\necho "ImportError: no gguf" >&2\nexit 1\n', {
        mode: 0o755,
      })
      const runtime = new Runtime({
        program: "vllm",
        version: "0",
        origin: "named",
        path: join(bin, "vllm"),
        libraries: {},
      })
      const folder = { path: "/models/folder" }
      assert.strictEqual(yield* prepare(folder, runtime), folder)
      assert.strictEqual(yield* prepared(folder, runtime), folder)
      const broken = join(cache, "broken.gguf")
      yield* fs.writeFileString(broken, "no GGUF at all, but long enough to be read as one")
      assert.strictEqual((yield* Effect.flip(prepare({ path: broken }, runtime))).reason._tag, "BadModel")
      const failed = yield* Effect.flip(prepare(file, runtime))
      assert.strictEqual(failed.reason._tag, "NotInstalled")
      assert.include(failed.reason.detail, "ImportError: no gguf")
      assert.deepStrictEqual(yield* fs.readDirectory(join(cache, "models")), [])
    }),
  )
})
