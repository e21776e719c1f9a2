import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { measured, medianOf } from "@rigbook/core"
import { readRecord, workspaceAt } from "@rigbook/records"
import { captureHost, cellsToRun, plan } from "@rigbook/runner"
import { metricSuite, reporterSuite, trialSample } from "@rigbook/testkit"
import { Effect, FileSystem, type Scope } from "effect"
import { join } from "node:path"
import { echo } from "../examples/echo-backend.ts"
import { measureAnew } from "../examples/old-records.ts"
import { Notifier, overnight } from "../examples/own-program.ts"
import { measure } from "../examples/plain-async.ts"
import { runOneCell } from "../examples/run-one-cell.ts"
import { slowestToken } from "../examples/slowest-token-metric.ts"
import { prometheus } from "../examples/prometheus-reporter.ts"
import { sqlite } from "../examples/sqlite-reporter.ts"
import { sweep } from "../examples/sweep.ts"
import { tokenGap } from "../examples/token-gap-metric.ts"
import { verdictList } from "../examples/verdict-list-reporter.ts"
import { ggufBytes } from "../packages/core/test/models/formats/ggufBytes.ts"

metricSuite(slowestToken, [{ sample: trialSample(), expected: measured(10) }])
metricSuite(tokenGap.withOptions!({ percentile: 50 }), [{ sample: trialSample(), expected: measured(10) }])
reporterSuite(verdictList)
reporterSuite(prometheus)
reporterSuite(sqlite)

const configOf = (delayMs: number) => `name: Tiny at ${delayMs} ms
task: generate
source: { path: ../../tiny.gguf }
backends: { echo: { delayMs: ${delayMs} } }
scenarios: [{ kind: latency, prompts: hello, requests: 1, outputTokens: 4 }]
protocol: { warmup: 0, trials: 5 }
`

/** A workspace with one config, `tiny`, and the smallest model there can be. */
const tinyWorkspace = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const workspace = workspaceAt(yield* fs.makeTempDirectoryScoped(), { rigbook: 1 })
  yield* fs.makeDirectory(workspace.configs, { recursive: true })
  yield* fs.makeDirectory(workspace.prompts, { recursive: true })
  const weights = { name: "token_embd.weight", shape: [32, 2], type: 0, bytes: 256 }
  const bytes = ggufBytes({ "general.architecture": { string: "llama" } }, [weights])
  yield* fs.writeFile(join(workspace.root, "tiny.gguf"), bytes)
  yield* fs.writeFileString(join(workspace.prompts, "hello.jsonl"), '{"id":"hello","text":"Hello"}\n')
  yield* fs.writeFileString(join(workspace.configs, "tiny.yaml"), configOf(5))
  return workspace
})

const live = <E>(name: string, test: () => Effect.Effect<void, E, NodeServices.NodeServices | Scope.Scope>) =>
  it.live(name, () => test().pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

describe("examples", () => {
  live("the README's plugin runs unchanged, and its pace is measured", () =>
    Effect.gen(function* () {
      const record = yield* runOneCell(yield* tinyWorkspace, "tiny")
      assert.isUndefined(record?.failure)
      // Timers may be a little early: it is the order of size that proves that our clock ran.
      assert.isAbove(medianOf(record!, "tpot")!, 4)
      assert.isAbove(medianOf(record!, "ttft")!, 4)
    }),
  )

  live("a wrong config is reported with its place", () =>
    Effect.gen(function* () {
      const workspace = yield* tinyWorkspace
      const fs = yield* FileSystem.FileSystem
      yield* fs.writeFileString(join(workspace.configs, "tiny.yaml"), configOf(5).replace("delayMs", "delay"))
      const error = yield* Effect.flip(runOneCell(workspace, "tiny"))
      assert.include(error.message, "tiny.yaml:4")
    }),
  )

  live("a metric that is new measures what is old", () =>
    Effect.gen(function* () {
      const workspace = yield* tinyWorkspace
      const record = yield* runOneCell(workspace, "tiny")
      const [found, ...others] = yield* measureAnew(workspace.raw, slowestToken)
      assert.deepStrictEqual(others, [])
      assert.strictEqual(found?.record, record?.id)
      const result = found!.result
      assert.isTrue("summary" in result && result.summary.n === 5 && result.summary.median > 4)
    }),
  )

  live("a sweep has a record for each pace, in order", () =>
    Effect.gen(function* () {
      const found = yield* sweep(yield* tinyWorkspace, [3, 12], configOf)
      assert.deepStrictEqual(
        found.map(({ config }) => config),
        ["sweep-3", "sweep-12"],
      )
      assert.isBelow(found[0]!.tpot!, found[1]!.tpot!)
    }),
  )

  live("a run is part of a program with services of its own, and ends when that wants", () =>
    Effect.gen(function* () {
      const workspace = yield* tinyWorkspace
      const backends = { ids: ["echo"], get: () => Effect.succeed(echo) }
      const config = join(workspace.configs, "tiny.yaml")
      const { cells } = yield* plan(workspace, [config], backends, yield* captureHost)
      const lines: Array<string> = []
      const notifier = { tell: (line: string) => Effect.sync(() => void lines.push(line)) }
      const night = (ms: number) =>
        overnight(cellsToRun(cells), workspace, ms).pipe(Effect.provideService(Notifier, notifier))
      assert.deepStrictEqual(yield* night(1), [])
      const [id] = yield* night(3_600_000)
      const record = yield* readRecord(join(workspace.raw, id!))
      assert.strictEqual(record?.cell.config.id, "tiny")
      assert.deepStrictEqual(lines, [
        "0 of 1 cells were measured",
        `Tiny at 5 ms: ${record!.verdict.status}`,
        "1 of 1 cells were measured",
      ])
    }),
  )

  live("a promise is enough", () =>
    Effect.gen(function* () {
      const { root } = yield* tinyWorkspace
      const record = yield* Effect.promise(() => measure(root, "tiny"))
      assert.strictEqual(record?.cell.backend, "echo")
      const gone = yield* Effect.promise(() => measure(root, "tiny", AbortSignal.abort()).catch(() => "interrupted"))
      assert.strictEqual(gone, "interrupted")
    }),
  )
})
