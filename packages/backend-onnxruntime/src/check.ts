import { makeSynthetic } from "@rigbook/core/models"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { probe } from "./Runtime.ts"
import { tinyOnnx } from "./TinyOnnx.ts"

/** As many tokens as the model takes, 4,096 times: few to cut into tokens, and 4 GB of vectors of tokens. */
const TOO_MUCH = {
  task: "embed" as const,
  texts: Array.from({ length: 4096 }, () => "a ".repeat(512)),
  batchSize: 4096,
}

const WIDTH = 512
const VOCABULARY = 512

/** The Python that setup installed, with little memory; `undefined` without such a Python. */
const narrowed = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { path } = yield* probe({})
  const narrow = join(yield* fs.makeTempDirectoryScoped(), "python")
  const quoted = `'${path.replaceAll("'", `'\\''`)}'`
  yield* fs.writeFileString(narrow, `#!/bin/sh\nulimit -v 1500000\nexec ${quoted} "$@"\n`, { mode: 0o755 })
  return { options: { python: narrow }, request: TOO_MUCH }
}).pipe(
  // A separate case reports that it is missing.
  Effect.catchTag("BackendError", () => Effect.succeed(undefined)),
)

/** A model of one table and one product, 2 MB, with the settings and the tokenizer of a synthetic encoder. */
export const tinyModel = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { path } = yield* makeSynthetic("onnxruntime", {
    format: "safetensors",
    architecture: "bert",
    layers: 1,
    hiddenSize: WIDTH,
    feedForward: WIDTH,
    heads: 4,
    vocabulary: VOCABULARY,
    contextLength: 512,
    quantization: "F32",
  })
  const folder = join(yield* fs.makeTempDirectoryScoped(), "tiny")
  yield* fs.copy(path, folder)
  yield* fs.remove(join(folder, "model.safetensors"))
  yield* fs.writeFile(join(folder, "model.onnx"), tinyOnnx({ vocabulary: VOCABULARY, width: WIDTH }))
  return { path: folder }
})

/** What the conformance suite tests the backend with: a small model made in place, and the Python that setup installed. */
export const subject = Effect.gen(function* () {
  const embed = yield* tinyModel
  const outOfMemory = yield* narrowed
  return {
    options: { threads: 1 },
    models: { embed },
    placement: "cpu" as const,
    faults: {
      missingProgram: { python: "/nowhere/python" },
      unsupported: { python: "/bin/sh" },
      ...(outOfMemory === undefined ? {} : { outOfMemory }),
    },
  }
})
