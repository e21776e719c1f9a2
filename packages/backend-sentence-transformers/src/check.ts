import { makeSynthetic } from "@rigbook/core/models"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { Options } from "./Options.ts"
import { sentenceTransformers } from "./SentenceTransformers.ts"

/** As many tokens as the model takes, 256 times: few to cut into tokens, and 4 GB inside of the wide layer. */
const TOO_MUCH = {
  task: "embed" as const,
  texts: Array.from({ length: 256 }, () => "a ".repeat(512)),
  batchSize: 256,
}

/** The Python that setup installed, with little memory; `undefined` without such a Python. */
const narrowed = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const { path } = yield* sentenceTransformers.probe(Schema.decodeSync(Options)({}))
  const narrow = join(yield* fs.makeTempDirectoryScoped(), "python")
  const quoted = `'${path.replaceAll("'", `'\\''`)}'`
  yield* fs.writeFileString(narrow, `#!/bin/sh\nulimit -v 1500000\nexec ${quoted} "$@"\n`, { mode: 0o755 })
  return { options: { python: narrow }, request: TOO_MUCH }
}).pipe(
  // A separate case reports that it is missing.
  Effect.catchTag("BackendError", () => Effect.succeed(undefined)),
)

/**
 * What the conformance suite tests the backend with: a model of random weights, 4 MB, and the Python that setup
 * installed.
 */
export const subject = Effect.gen(function* () {
  const embed = yield* makeSynthetic("sentence-transformers", {
    format: "safetensors",
    architecture: "bert",
    layers: 1,
    hiddenSize: 64,
    feedForward: 8_192,
    heads: 4,
    vocabulary: 512,
    contextLength: 512,
    quantization: "F32",
  })
  const outOfMemory = yield* narrowed
  return {
    options: { threads: 1 },
    models: { embed },
    placement: "cpu" as const,
    limits: { answerMs: 180_000 },
    faults: {
      missingProgram: { python: "/nowhere/python" },
      unsupported: { python: "/bin/sh" },
      ...(outOfMemory === undefined ? {} : { outOfMemory }),
    },
  }
})
