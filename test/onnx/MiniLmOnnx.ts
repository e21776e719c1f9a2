import { sentenceTransformers } from "@rigbook/backend-sentence-transformers"
import {
  cacheFolder,
  installOnce,
  lockHash,
  scrubbedEnvironment,
  shortCommand,
  unpackPackages,
} from "@rigbook/core/engine"
import { Effect, FileSystem } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"

const EXPORT = join(import.meta.dirname, "../../packages/backend-onnxruntime/python/export.py")
const PACKAGES = readFileSync(join(import.meta.dirname, "requirements-exporter.txt"), "utf8")

/** A model's folder as one with an ONNX graph, exported once: with the Python of sentence-transformers and PyTorch's exporter. */
export const exported = Effect.fn("MiniLmOnnx.exported")(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const { path: python } = yield* sentenceTransformers.machine!.setup!
  const made = join(cacheFolder(), "models", `onnx-${lockHash(folder, PACKAGES, readFileSync(EXPORT, "utf8"))}`)
  yield* installOnce(made, (partial) =>
    Effect.gen(function* () {
      const packages = yield* fs.makeTempDirectoryScoped()
      yield* unpackPackages({ what: "ONNX exporter", requirements: PACKAGES }, packages)
      yield* fs.makeDirectory(partial, { recursive: true })
      yield* shortCommand(python, [EXPORT, folder, join(partial, "model")], {
        env: scrubbedEnvironment(["PYTHON", "HF_"], { PYTHONPATH: packages, HF_HUB_OFFLINE: "1" }),
        timeoutMs: 600_000,
      })
    }).pipe(Effect.scoped),
  )
  return { path: join(made, "model") }
})
