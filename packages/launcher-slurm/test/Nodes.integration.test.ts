import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execaSync } from "execa"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { recordFolders, rigbook, temporaryFolder, writeWorkspace } from "../../cli/test/TemporaryWorkspace.ts"
import { withoutSteering } from "../src/Commands.ts"
import { slurmRig } from "./SlurmRig.ts"

/** One thread a process: the nodes of the test share this machine's cores. */
const CONFIG = `name: Tiny
task: generate
source:
  synthetic:
    { format: safetensors, architecture: llama, layers: 2, hiddenSize: 128, feedForward: 256, heads: 4, kvHeads: 2,
      vocabulary: 512, contextLength: 1024, quantization: BF16 }
backends:
  vllm:
    { nodes: { count: 2 }, dtype: float32, enforceEager: true, kvCacheBytes: 67108864, maxSequences: 8, maxModelLen: 1024, threads: "0" }
placement: { strategy: nodes, devices: [cpu] }
scenarios:
  - { kind: latency, prompts: brief, requests: 1, outputTokens: 8 }
protocol: { warmup: 1, trials: 3 }
`

interface Written {
  readonly cell: { readonly placement: object }
  readonly effective?: { readonly settings: object }
}

const recordIn = (folder: string): Written => JSON.parse(readFileSync(join(folder, "record.json"), "utf8")) as Written

/** Processes of vLLM that compute for another node. */
const parts = (): ReadonlyArray<string> =>
  execaSync("pgrep", ["-f", "^[^ ]*python[^ ]* .*vllm serve .* --headless"], { reject: false })
    .stdout.split("\n")
    .filter((pid) => pid !== "")

describe("a unit of two nodes", () => {
  it.live("is one vLLM on both, which ends on both; hosts with one machine for a unit refuse it", () =>
    Effect.gen(function* () {
      yield* slurmRig
      const root = writeWorkspace(temporaryFolder(), {
        "models/configs/tiny.yaml": CONFIG,
      })
      const env = { ...withoutSteering(process.env), XDG_CONFIG_HOME: temporaryFolder(), RIGBOOK_KEEP_UNITS: "1" }
      const start = (...args: ReadonlyArray<string>) => rigbook(root, args, env)
      const added = yield* Effect.promise(() => start("host", "add", "cluster", "localhost", "--launcher", "slurm"))
      assert.strictEqual(added.exitCode, 0, added.stderr)
      const here = yield* Effect.promise(() => start("plan", "tiny"))
      assert.match(here.stdout + here.stderr, /needs 2 machines, and a unit has 1 there/)
      const few = yield* Effect.promise(() => start("run", "tiny", "--on", "cluster:cpu"))
      assert.match(few.stdout + few.stderr, /needs 2 machines, and a unit has 1 there/)

      const measured = yield* Effect.promise(() => start("run", "tiny", "--on", "cluster:gpu"))
      assert.strictEqual(measured.exitCode, 0, measured.stdout + measured.stderr)
      const [folder] = recordFolders(root)
      const { cell, effective } = recordIn(folder!)
      assert.deepStrictEqual(cell.placement, { strategy: "nodes", devices: ["cpu"], nodes: 2 })
      assert.deepInclude(effective?.settings, { tensorParallel: 2, worldSize: 2 })
      assert.match(readFileSync(join(folder!, "engine.node2.log"), "utf8"), /headless/)
      const jobs = execaSync("squeue", ["-h", "--states=all", "-o", "%D %T %j"], { env }).stdout
      assert.match(jobs, /^2 COMPLETED rigbook-/m)
      assert.deepStrictEqual(parts(), [])
      const verified = yield* Effect.promise(() => start("verify"))
      assert.strictEqual(verified.exitCode, 0, verified.stdout)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})
