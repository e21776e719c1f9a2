import { NodeServices } from "@effect/platform-node"
import type { OpenInput, Placement, Task } from "@rigbook/core"
import { cacheFolder, installOnce, lockHash, shortCommand } from "@rigbook/core/engine"
import { Effect, Schema } from "effect"
import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { cpuInput } from "../../core/test/engine/cpuInput.ts"
import { Options } from "../src/Options.ts"
import { setup } from "../src/Runtime.ts"
import { vllm } from "../src/Vllm.ts"
import { onCpu } from "./Model.ts"

const script = fileURLToPath(new URL("tiny_model.py", import.meta.url))
const path = join(cacheFolder(), "models", `tiny-${lockHash(readFileSync(script, "utf8"))}`)

export const decodeOptions = Schema.decodeUnknownSync(Options)

/** 64 MiB of KV cache and no compilation: ready in half a minute. In bfloat16 vLLM dies on some processors, see WorkerDeath. */
export const SMALL: typeof Options.Encoded = {
  dtype: "float32",
  enforceEager: true,
  kvCacheBytes: 2 ** 26,
  maxSequences: 8,
}

/** The engine, and a model that its own Python makes once. Where they can't be, every test fails. */
export const prepared = Effect.runSync(
  Effect.cached(
    Effect.gen(function* () {
      const runtime = yield* setup
      const python = join(dirname(runtime.path), "python")
      yield* installOnce(path, (partial) =>
        Effect.asVoid(shortCommand(python, [script, partial], { timeoutMs: 600_000 })),
      )
      return { runtime, files: { path }, model: yield* vllm.inspect({ path }) }
    }).pipe(Effect.orDie, Effect.provide(NodeServices.layer)),
  ),
)

/** What `open` is given: the tiny model, on the processor unless placed otherwise. */
export const tinyInput = Effect.fnUntraced(function* (
  options: typeof Options.Encoded = SMALL,
  task: Task = "generate",
  placement: Placement = onCpu,
) {
  const { files, model, runtime } = yield* prepared
  const input: OpenInput<Options> = {
    config: decodeOptions(options),
    runtime,
    files,
    model,
    task,
    ...(yield* cpuInput),
    placement,
  }
  return input
})
