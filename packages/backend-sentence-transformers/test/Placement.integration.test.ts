import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Device, DeviceId, medianOf, Placement, type RunRecord } from "@rigbook/core"
import { workspaceAt } from "@rigbook/records"
import { captureHost, cellsToRun, plan, run } from "@rigbook/runner"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { setup } from "../src/Runtime.ts"
import { sentenceTransformers } from "../src/SentenceTransformers.ts"
import { fetchMiniLm } from "./MiniLm.ts"

const backends = {
  ids: [sentenceTransformers.id],
  get: (id: string) => Effect.succeed(id === sentenceTransformers.id ? sentenceTransformers : undefined),
}

/** A workspace with MiniLM and a few documents, its config asking for `placement`. */
const workspaceFor = Effect.fnUntraced(function* (placement: string) {
  const fs = yield* FileSystem.FileSystem
  yield* setup
  const { path } = yield* fetchMiniLm
  const workspace = workspaceAt(yield* fs.makeTempDirectoryScoped(), { rigbook: 1 })
  yield* fs.makeDirectory(workspace.configs, { recursive: true })
  yield* fs.makeDirectory(workspace.prompts, { recursive: true })
  const documents = Array.from({ length: 8 }, (_, n) => `{"id":"d${n}","text":"Document number ${n} of eight."}\n`)
  yield* fs.writeFileString(join(workspace.prompts, "eight.jsonl"), documents.join(""))
  const config = join(workspace.configs, "minilm.yaml")
  yield* fs.writeFileString(
    config,
    `name: MiniLM
task: embed
source: { path: ${JSON.stringify(path)} }
backends: { sentence-transformers: { threads: 1, prompt: "passage: " } }
placement: ${placement}
scenarios: [{ kind: batch, prompts: eight, documents: 8, batchSize: 4 }]
protocol: { warmup: 1, trials: 5 }
`,
  )
  return { workspace, config }
})

const noFigure = ({ values }: RunRecord): boolean => values.every(({ result }) => "absent" in result)

describe("where the model is said to be", () => {
  it.live("is refused before anything runs when this machine has no such device", () =>
    Effect.gen(function* () {
      const { config, workspace } = yield* workspaceFor("cuda:0")
      const host = (yield* captureHost).with([])
      const { cells, issues } = yield* plan(workspace, [config], backends, host)
      assert.deepStrictEqual(cells, [])
      assert.match(issues[0]!.message, /^unknown device "cuda:0"; this host has cpu/)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("is an error without a figure when a GPU was there that torch does not find", () =>
    Effect.gen(function* () {
      const { config, workspace } = yield* workspaceFor("cpu")
      const { cells } = yield* plan(workspace, [config], backends, yield* captureHost)
      const gone = new Device({ id: DeviceId.make("GPU-that-has-gone"), kind: "gpu", name: "Gone", index: 0 })
      const moved = cellsToRun(cells).map((cell) => ({
        ...cell,
        spec: {
          ...cell.spec,
          host: cell.spec.host.with([gone]),
          placement: new Placement({ strategy: "single", devices: [gone.id] }),
        },
      }))
      const [record] = yield* run(moved, { workspace })
      assert.strictEqual(record!.verdict.status, "invalid")
      assert.isDefined(record!.failure)
      assert.match(record!.failure!.message, /cuda/i)
      assert.isTrue(noFigure(record!))
      assert.isUndefined(medianOf(record!, "docs_per_s"))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("is proven on the processor, where the processor's time and memory are observed from outside", () =>
    Effect.gen(function* () {
      const { config, workspace } = yield* workspaceFor("cpu")
      const { cells } = yield* plan(workspace, [config], backends, (yield* captureHost).with([]))
      const [record] = yield* run(cellsToRun(cells), { workspace })
      assert.strictEqual(record!.observed.placement?.state, "verified")
      assert.isAbove(medianOf(record!, "docs_per_s")!, 0)
      assert.strictEqual(record!.effective?.settings["prompt"], "passage: ")
      assert.deepInclude(record!.truncation, { documents: 0, of: 8, tokens: 0 })
      const cores = medianOf(record!, "cpu_cores")
      // A trial may be shorter than the steps in which the kernel counts.
      assert.isTrue(cores !== undefined && cores >= 0 && cores < 16)
      assert.isAbove(record!.telemetry!.readings, 12)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})
