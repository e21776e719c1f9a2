import { NodeServices } from "@effect/platform-node"
import { assert } from "@effect/vitest"
import type { ModelSource, RunRecord } from "@rigbook/core"
import { engineProcess, freePort, isPortFree } from "@rigbook/core/engine"
import { formatIssue, type Workspace, workspaceAt } from "@rigbook/records"
import { captureHost, cellsToRun, plan, run } from "@rigbook/runner"
import { Context, Effect, FileSystem, Layer, type PlatformError, Schedule } from "effect"
import { dirname, join } from "node:path"
import { llamacpp } from "../src/LlamaCpp.ts"
import { environmentOf } from "../src/Program.ts"
import { findProgram } from "../src/Runtime.ts"

export const MIB = 2 ** 20

// The wheel has a ggml-rpc-server beside its llama-server; one on PATH need not.
process.env["RIGBOOK_LLAMACPP"] = "wheel"

/** Two ggml-rpc servers that stand in for two GPUs, and a workspace to run cells in. */
export class Rig extends Context.Service<
  Rig,
  {
    readonly a: string
    readonly b: string
    /** Path of a llama-server that drops these flags, with their values, and so does not do what they request. */
    readonly deafTo: (...flags: ReadonlyArray<string>) => Effect.Effect<string, PlatformError.PlatformError>
    readonly workspace: Workspace
  }
>()("test/Rig") {
  static readonly layer = Layer.effect(
    Rig,
    Effect.gen(function* () {
      yield* llamacpp.machine!.setup!
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
      const deafTo = Effect.fnUntraced(function* (...flags: ReadonlyArray<string>) {
        const path = join(root, `deaf-to${flags.join("")}`)
        yield* fs.writeFileString(path, deaf(program.path, flags), { mode: 0o755 })
        return path
      })
      return { a: yield* server("a"), b: yield* server("b"), deafTo, workspace }
    }),
  ).pipe(Layer.provideMerge(NodeServices.layer))
}

const deaf = (path: string, flags: ReadonlyArray<string>): string => `#!/bin/sh
export LD_LIBRARY_PATH='${dirname(path)}'
case " $* " in *" --list-devices "*) exec '${path}' "$@" ;; esac
left=$#
while [ "$left" -gt 0 ]; do
  case "$1" in
    ${flags.join(" | ")}) shift 2; left=$((left - 2)) ;;
    *) set -- "$@" "$1"; shift; left=$((left - 1)) ;;
  esac
done
exec '${path}' "$@"
`

/** Plans a config with these placements through core, as `rigbook run` does. */
export const planned = Effect.fnUntraced(function* (source: ModelSource, placement: string, options: object = {}) {
  const { a, b, workspace } = yield* Rig
  const fs = yield* FileSystem.FileSystem
  const path = join(workspace.configs, "model.yaml")
  const backend = JSON.stringify({ context: 256, threads: 1, rpc: [a, b], ...options })
  yield* fs.writeFileString(
    path,
    `name: Model
task: generate
source: ${JSON.stringify(source)}
backends: { llamacpp: ${backend} }
placement: ${placement.replaceAll("$A", `"rpc:${a}"`).replaceAll("$B", `"rpc:${b}"`)}
scenarios: [{ kind: latency, prompts: one, requests: 1, outputTokens: 8 }]
protocol: { warmup: 0, trials: 1 }
`,
  )
  const backends = { ids: ["llamacpp"], get: () => Effect.succeed(llamacpp) }
  const { cells, issues } = yield* plan(workspace, [path], backends, yield* captureHost)
  return {
    cells: cellsToRun(cells),
    said: issues.map((issue) => formatIssue(issue).replaceAll(a, "A").replaceAll(b, "B")),
    workspace,
  }
})

export const measured = Effect.fnUntraced(function* (source: ModelSource, placement: string, options?: object) {
  const { cells, said, workspace } = yield* planned(source, placement, options)
  assert.deepStrictEqual(said, [])
  return yield* run(cells, { workspace })
})

/** MiB of weights on each device but the processor, by the letters of the servers. */
export const weights = (record: RunRecord) =>
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

export const wrong = (record: RunRecord) => record.verdict.reasons.filter(({ level }) => level === "invalid")

/** That each record ran where it was to, and that its devices hold what was predicted from the file's header. */
export const assertProven = Effect.fnUntraced(function* (record: RunRecord) {
  assert.deepStrictEqual(wrong(record), [])
  assert.isUndefined(record.failure)
  assert.deepStrictEqual([...record.effective!.devices].toSorted(), [...record.cell.placement.devices].toSorted())
  const predicted = new Map(record.requested.buffers?.map(({ bytes, device }) => [device, bytes]))
  assert.strictEqual(predicted.size, Object.keys(yield* weights(record)).length)
  for (const [device, bytes] of predicted) {
    const buffer = record.effective!.buffers.find((found) => found.device === device && found.kind === "model")!
    assert.closeTo(buffer.bytes, bytes, 0.01 * MIB, `${device} holds what was predicted`)
  }
})
