import { createHash } from "node:crypto"
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

const ROOT = join(import.meta.dirname, "../..")
const WEIGHTS = "no weights"

/** An engine that computes nothing: it sends tokens at the pace that a config sets. */
const ENGINE = `import { Effective, makeBackend, ModelFacts, Runtime } from "@rigbook/core"
import { Effect, Schema } from "effect"
const runtime = new Runtime({ program: "pace", version: "1.0.0", origin: "named", path: "built in", libraries: {} })
const facts = new ModelFacts({
  format: "gguf", architecture: "none", parameters: 1000, quantization: "F32", bitsPerWeight: 32, weightBytes: 4000,
  fileBytes: 4096, chatTemplate: true, sha256: "${createHash("sha256").update(WEIGHTS).digest("hex")}",
})
export const backend = makeBackend({
  id: "pace",
  description: "Sends tokens at a set pace",
  tasks: ["generate"],
  config: Schema.Struct({ tokenMs: Schema.Finite, number: Schema.Finite }),
  probe: () => Effect.succeed(runtime),
  inspect: () => Effect.succeed(facts),
  open: ({ config, placement }) =>
    Effect.succeed({
      effective: new Effective({ devices: placement.devices, settings: {}, buffers: [] }),
      pids: [process.pid],
      send: Effect.fnUntraced(function* (request, observer) {
        observer.sent()
        for (let token = 0; token < request.outputTokens; token++) {
          yield* Effect.sleep(config.tokenMs)
          observer.chunk(1)
        }
        return { inputTokens: 1, outputTokens: request.outputTokens, finish: "length" }
      }),
    }),
})
`

/** A cell: how many trials, each of how long. */
export interface Pace {
  readonly trials: number
  readonly trialMs: number
}

const TOKENS = 4

/** A config of one cell. Its number makes it another cell than all others. */
export const configOf = (number: number, { trialMs, trials }: Pace): string => `name: Unit ${number}
task: generate
license: MIT
source: { path: ../m.gguf }
backends:
  pace: { tokenMs: ${trialMs / TOKENS}, number: ${number} }
placement: cpu
scenarios:
  - { kind: latency, prompts: chat, requests: 1, outputTokens: ${TOKENS} }
protocol: { warmup: 0, trials: ${trials} }
`

/** Writes a workspace with such configs, by name. */
export const writeSweep = (root: string, configs: ReadonlyMap<string, string>): void => {
  const files = {
    "rigbook.yaml": "rigbook: 1\nplugins: [./pace]\n",
    "models/m.gguf": WEIGHTS,
    "benchmarks/configs/prompts/chat.jsonl": '{"id":"a","text":"hello"}\n',
    "pace/package.json": JSON.stringify({
      name: "pace",
      version: "1.0.0",
      type: "module",
      peerDependencies: { "@rigbook/core": "*", effect: "*" },
      rigbook: { contract: 2, backends: [{ id: "pace", description: "No engine", export: "./index.js#backend" }] },
    }),
    "pace/index.js": ENGINE,
    ...Object.fromEntries([...configs].map(([name, text]) => [`models/configs/${name}.yaml`, text])),
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  mkdirSync(join(root, "node_modules/@rigbook"), { recursive: true })
  for (const name of ["@rigbook/core", "@rigbook/launcher-slurm", "@rigbook/launcher-ssh", "effect"])
    symlinkSync(join(ROOT, "node_modules", name), join(root, "node_modules", name))
}
