import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { llamacpp } from "@rigbook/backend-llamacpp"
import { complete, ModelConfig, Scenario } from "@rigbook/core"
import { outlineModel } from "@rigbook/core/models"
import { readOutlines, workspaceAt } from "@rigbook/records"
import { planModel, readHostDescription, readHostRates } from "@rigbook/runner"
import { Effect, Schema } from "effect"
import { join } from "node:path"
import { valueOf } from "../packages/runner/src/plan/Known.ts"

/*
 * Tokens/s of llama.cpp (May 2024) for Llama 3, 1024 tokens written after an empty prompt, on GPUs that this repository
 * describes. Source: github.com/XiongjieDai/GPU-Benchmarks-on-LLM-Inference at commit aa72e0e.
 */
const ROWS: ReadonlyArray<readonly [host: string, shape: string, quantization: string, tokensPerSecond: number]> = [
  ["rtx-3090", "llama-3.1-8b-f16", "Q4_K_M", 111.74],
  ["rtx-3090", "llama-3.1-8b-f16", "F16", 46.51],
  ["dual-rtx-3090", "llama-3.1-70b-q4_k_m-8k", "Q4_K_M", 16.29],
  ["rtx-4090", "llama-3.1-8b-f16", "Q4_K_M", 127.74],
  ["rtx-4090", "llama-3.1-8b-f16", "F16", 54.34],
  ["dual-rtx-4090", "llama-3.1-70b-q4_k_m-8k", "Q4_K_M", 19.06],
  ["a100-80gb", "llama-3.1-8b-f16", "Q4_K_M", 138.31],
  ["a100-80gb", "llama-3.1-8b-f16", "F16", 54.56],
  ["a100-80gb", "llama-3.1-70b-q4_k_m-8k", "Q4_K_M", 22.11],
]

const workspace = workspaceAt(join(import.meta.dirname, ".."), { rigbook: 1 })
const { configs, hosts } = workspace
const scenario = Schema.decodeUnknownSync(Scenario)({ kind: "latency", prompts: "p", outputTokens: 1024 })

const expected = Effect.fnUntraced(function* (on: string, shape: string, quantization: string) {
  const { outlines } = yield* readOutlines(workspace)
  const { file } = outlines.find(({ id }) => id === shape)!.read
  const { source } = Schema.decodeUnknownSync(ModelConfig)(file.value)
  const synthetic = { ...("synthetic" in source ? source.synthetic : {}), quantization }
  const { source: changed } = Schema.decodeUnknownSync(ModelConfig)({
    ...(file.value as object),
    source: { synthetic },
  })
  const backend = complete(llamacpp)
  const path = join(hosts, `${on}.yaml`)
  const { speed } = planModel({
    backend,
    options: Schema.decodeUnknownSync(llamacpp.config)({}),
    model: yield* backend.inspect(yield* outlineModel(shape, changed, configs)),
    scenario,
    host: yield* readHostDescription(path, on),
    rates: yield* readHostRates(path, on),
  })
  return valueOf(speed.decode)!
})

layer(NodeServices.layer)("the expected speed", (it) => {
  it.effect("has what was published of these GPUs in its range, each row, and is right in the middle", () =>
    Effect.gen(function* () {
      const ratios: Array<number> = []
      for (const [on, shape, quantization, measured] of ROWS) {
        const { high, low, records, value } = yield* expected(on, shape, quantization)
        assert.strictEqual(records, 0)
        assert.isTrue(low <= measured && measured <= high, `${on}, ${shape} in ${quantization}: ${low} to ${high}`)
        ratios.push(measured / value)
      }
      assert.closeTo(ratios.toSorted((a, b) => a - b)[4]!, 1, 0.1)
    }),
  )
})
