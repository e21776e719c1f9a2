import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { kind } from "../Fault.ts"
import { drawHostile, hostile, type HostileValue, placesIn, replacedAt, yamlOf } from "../Hostile.ts"
import { type TextEdit, drawEdit, edited } from "../TextEdit.ts"

interface Case {
  readonly seed: number
  readonly values: ReadonlyArray<{
    readonly place: number
    readonly how: "put" | "drop" | "add"
    readonly by: HostileValue
  }>
  readonly texts: ReadonlyArray<TextEdit>
  readonly json: boolean
  readonly byProgram: boolean
}

const synthetic = {
  format: "gguf",
  architecture: "llama",
  layers: 2,
  hiddenSize: 64,
  feedForward: 128,
  heads: 2,
  kvHeads: 2,
  vocabulary: 512,
  contextLength: 2048,
  quantization: "Q4_K_M",
}

/** What configs are made of: each keeps to the grammar, and uses other parts of it. */
const SEEDS: ReadonlyArray<object> = [
  {
    name: "C",
    family: "F",
    task: "generate",
    license: "MIT",
    source: { synthetic },
    backends: { llamacpp: { context: 1024, threads: 1 } },
    placement: "cpu",
    scenarios: [{ kind: "latency", prompts: "brief", requests: 1, outputTokens: 4 }],
    protocol: { warmup: 0, trials: 3 },
  },
  {
    name: "C",
    task: "generate",
    planned: { priority: "high", use: "search", strategy: "one GPU", host: "small" },
    source: { synthetic: { ...synthetic, experts: 4, expertsUsed: 2 } },
    backends: { llamacpp: { context: 2048 }, "campaign-engine": { pace: 1 } },
    placement: ["auto", { strategy: "layers", devices: ["cuda:0", "cuda:1"], split: [1, 2] }],
    scenarios: [
      { kind: "latency", prompts: "brief", outputTokens: "natural", cache: "fresh" },
      { kind: "context", outputTokens: 8, depth: [64, 128], requests: 1, seed: 2 },
    ],
    protocol: { warmup: { max: 4, within: 0.1 }, trials: { min: 6, max: 8, within: 0.05 } },
  },
  {
    name: "C",
    task: "generate",
    source: { synthetic },
    backends: { "campaign-engine": {} },
    scenarios: [
      { kind: "concurrency", prompts: "brief", requests: 4, streams: [1, 2], outputTokens: 4 },
      { kind: "open-loop", prompts: "brief", requests: 4, rate: [1, 2], arrivals: "poisson", outputTokens: 4 },
    ],
  },
  {
    name: "C",
    task: "embed",
    source: { path: "." },
    backends: { "sentence-transformers": { dtype: "float32" } },
    scenarios: [{ kind: "batch", prompts: "brief", documents: 8, batchSize: [1, 4] }],
  },
  {
    name: "C",
    task: "generate",
    source: { path: "../missing.gguf", sha256: "0".repeat(64) },
    backends: { openai: { url: "http://127.0.0.1:1", body: { seed: 1 }, tokenEnv: "NO_SUCH" } },
    scenarios: [{ kind: "latency", prompts: { file: "x.jsonl" }, requests: 1, outputTokens: "natural" }],
  },
]

/** Configs by a grammar: valid ones whose values, keys and text are replaced by what no reader expects. */
export const config = kind<Case>({
  name: "config",
  share: 380,
  draw: (draws) => ({
    seed: draws.int(0, SEEDS.length - 1),
    values: draws.list(1, 4, () => ({
      place: draws.int(0, 999),
      how: draws.pick(["put", "put", "put", "drop", "add"] as const),
      by: drawHostile(draws),
    })),
    texts: draws.int(0, 3) === 0 ? draws.list(1, 2, () => drawEdit(draws)) : [],
    json: draws.int(0, 1) === 0,
    byProgram: draws.int(0, 29) === 0,
  }),
  inject: async (fault, testbed) => {
    const file = join(testbed.root, "models/configs/c.yaml")
    writeFileSync(file, textOf(fault))
    const args = ["plan", "c", ...(fault.json ? ["--json"] : [])]
    const { code, late, stderr } = await (fault.byProgram ? testbed.program(args) : testbed.command(args))
    if (late !== true && ![0, 1, 2].includes(code ?? -1))
      testbed.violated("exit-code", `exit ${code}: ${stderr.slice(-200)}`)
    if (code === 2 && !/configs\/c\.yaml:\d+:\d+/.test(stderr))
      testbed.violated("exit-code", `refused without a place: ${stderr.slice(-300)}`)
    rmSync(file)
  },
})

const textOf = ({ seed, texts, values }: Case): string => {
  const made = values.reduce<unknown>(
    (value, { by, how, place }) => {
      const places = placesIn(value)
      const at = places[place % places.length]!
      return replacedAt(value, how === "add" ? [...at, "unknown"] : at, how === "drop" ? undefined : hostile(by))
    },
    SEEDS[seed % SEEDS.length],
  )
  return texts.reduce(edited, yamlOf(made ?? null))
}
