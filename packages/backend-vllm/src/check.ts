import { freePort } from "@rigbook/core/engine"
import { makeSynthetic } from "@rigbook/core/models"
import { Effect } from "effect"
import { createServer } from "node:net"

/**
 * 64 MiB of KV cache and no compilation: ready in half a minute. In bfloat16 vLLM crashes on some processors, see
 * WorkerDeath.
 */
const SMALL = { dtype: "float32", enforceEager: true, kvCacheBytes: 2 ** 26, maxSequences: 8, maxModelLen: 512 }

/** A port that is listened on until the scope closes. */
const takenPort = Effect.flatMap(freePort, (port) =>
  Effect.as(
    Effect.acquireRelease(
      Effect.callback<ReturnType<typeof createServer>>((resume) => {
        const server = createServer()
        server.listen(port, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) => Effect.sync(() => void server.close()),
    ),
    port,
  ),
)

/** What the conformance suite tests the backend with: a model of random weights, 1 MB, and the installed vLLM. */
export const subject = Effect.gen(function* () {
  const files = yield* makeSynthetic("vllm", {
    format: "safetensors",
    architecture: "llama",
    layers: 2,
    hiddenSize: 128,
    feedForward: 256,
    heads: 4,
    kvHeads: 2,
    vocabulary: 512,
    contextLength: 512,
    quantization: "BF16",
  })
  return {
    options: SMALL,
    models: { generate: files, embed: files },
    placement: "cpu" as const,
    faults: {
      missingProgram: { ...SMALL, vllm: "/nowhere/vllm" },
      unsupported: { ...SMALL, port: yield* takenPort },
      outOfMemory: { options: { ...SMALL, kvCacheBytes: 2 ** 45 } },
    },
  }
})
