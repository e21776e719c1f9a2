import type { NodeServices } from "@effect/platform-node"
import { type Backends, type LaunchUnit, makeUnit, ModelFacts, textSha256 } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { cellsToRun, plan } from "@rigbook/runner"
import { fakeBackend, fakeHost, fakeLog, type LauncherSubject } from "@rigbook/testkit"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { fakeWorkspace } from "../../records/test/fakes/workspace.ts"
import { withoutSteering } from "../src/Commands.ts"
import { slurm } from "../src/Slurm.ts"

const ROOT = join(import.meta.dirname, "../../..")
const ENTRY = join(ROOT, "packages/cli/dist/bin.js")

const config = (name: string, tokenMs: number, trials = 2): string => `name: ${name}
task: generate
license: MIT
source: { path: ../m.gguf }
backends:
  fake: { tokenMs: ${tokenMs}, atMost: 4, context: 512 }
scenarios:
  - { kind: latency, prompts: chat, requests: 1, outputTokens: 4 }
protocol: { warmup: 0, trials: ${trials} }
`

const WEIGHTS = "weights"
const WEIGHTS_SHA256 = textSha256(WEIGHTS)

/** A backend without an engine, as a plugin that the workers load. */
const PLUGIN = {
  "package.json": JSON.stringify({
    name: "fake-engine",
    version: "1.0.0",
    type: "module",
    rigbook: { contract: 2, backends: [{ id: "fake", description: "No engine", export: "./index.js#backend" }] },
  }),
  "index.js": `import { ModelFacts } from "@rigbook/core"
import { fakeBackend, fakeLog } from "@rigbook/testkit"
import { Effect } from "effect"
const fake = fakeBackend(fakeLog())
const inspect = (files) => Effect.map(fake.inspect(files), (facts) => new ModelFacts({ ...facts, sha256: "${WEIGHTS_SHA256}" }))
export const backend = { ...fake, inspect }
`,
}

const FILES = {
  "rigbook.yaml": "rigbook: 1\nplugins: [./fake-engine]\n",
  "models/m.gguf": WEIGHTS,
  "benchmarks/configs/prompts/chat.jsonl": '{"id":"a","text":"hello"}\n{"id":"b","text":"good morning"}\n',
  "models/configs/short.yaml": config("Short", 1),
  "models/configs/long.yaml": config("Long", 100_000),
  // Longer than Slurm needs to notice that a node is gone, and then soon over.
  "models/configs/orphan.yaml": config("Orphan", 1000, 12),
  "models/configs/stopped.yaml": config("Stopped", 200, 40),
  ...Object.fromEntries(Object.entries(PLUGIN).map(([file, text]) => [`fake-engine/${file}`, text])),
}

/** A workspace with short and long units, and the connections to the cluster that is started. */
export const slurmSubject = Effect.fnUntraced(function* (part?: string) {
  const fs = yield* FileSystem.FileSystem
  const workspace = yield* fakeWorkspace(FILES)
  yield* fs.makeDirectory(join(workspace.root, "node_modules/@rigbook"), { recursive: true })
  for (const name of ["@rigbook/core", "@rigbook/testkit", "effect"])
    yield* fs.symlink(join(ROOT, "node_modules", name), join(workspace.root, "node_modules", name))
  const fake = fakeBackend(fakeLog())
  const inspect: typeof fake.inspect = (files) =>
    // oxlint-disable-next-line typescript/no-misused-spread -- its fields make another one.
    Effect.map(fake.inspect(files), (facts) => new ModelFacts({ ...facts, sha256: WEIGHTS_SHA256 }))
  const backends: Backends = { ids: ["fake"], get: () => Effect.succeed({ ...fake, inspect }) }
  const paths = ["short", "long", "orphan", "stopped"].map((name) => join(workspace.configs, `${name}.yaml`))
  const cells = cellsToRun((yield* plan(workspace, paths, backends, fakeHost())).cells)
  const unit = (id: string, number: number): LaunchUnit => {
    const { requested, spec } = cells.find((cell) => cell.spec.config.id === id)!
    const until = { orphan: 12, stopped: 40 }[id] ?? 2
    const order = { schema: 1, spec, requested, identity: "own", until, fresh: id !== "stopped" } as const
    const shape = { nodes: 1, gpus: 0, seconds: 300 }
    const startedAt = `2026-01-01T00:00:${String(number).padStart(2, "0")}Z`
    return makeUnit({ startedAt, attempt: 1, rounds: 1, shape, cells: [{ order }] })
  }
  const failing = unit("short", 59)
  const [{ order }] = failing.cells
  const subject: LauncherSubject<NodeServices.NodeServices> = {
    connect: slurm.connect({
      name: "cluster",
      address: "",
      ...(part === undefined ? {} : { part }),
      workspace: { root: workspace.root, raw: workspace.raw },
      program: { entry: ENTRY, plugins: [] },
    }),
    workspace,
    short: (number) => unit("short", number),
    long: (number) => unit("long", number),
    failing: {
      ...failing,
      cells: [
        { order: { ...order, spec: { ...order.spec, prompts: { ...order.spec.prompts, sha256: "0".repeat(64) } } } },
      ],
    },
    impossible: { nodes: 1, gpus: 64, seconds: 60 },
    running: Effect.orDie(
      Effect.map(
        shortCommand("squeue", ["-h", "--states=running,pending,completing", "-o", "%i"], {
          env: withoutSteering(process.env),
        }),
        ({ stdout }) => stdout.split("\n").filter((id) => id !== ""),
      ),
    ),
    secrets: [".units"],
    unitMs: 120_000,
  }
  return { ...subject, orphan: unit("orphan", 1), stopped: (number: number) => unit("stopped", number) }
})
