import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { captureHost, medianOf, plan, run, workspaceAt } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { echo } from "../examples/echo-backend.ts"
import { ggufBytes } from "../packages/core/test/model/ggufBytes.ts"

it.live("the README's plugin runs as it stands, and its pace is measured", () =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const root = yield* fs.makeTempDirectoryScoped()
    const workspace = workspaceAt(root, { rigbook: 1 })
    yield* fs.makeDirectory(workspace.configs, { recursive: true })
    yield* fs.makeDirectory(workspace.prompts, { recursive: true })
    const weights = { name: "token_embd.weight", shape: [32, 2], type: 0, bytes: 256 }
    yield* fs.writeFile(join(root, "tiny.gguf"), ggufBytes({ "general.architecture": { string: "llama" } }, [weights]))
    yield* fs.writeFileString(join(workspace.prompts, "hello.jsonl"), '{"id":"hello","text":"Hello"}\n')
    const config = join(workspace.configs, "tiny.yaml")
    yield* fs.writeFileString(
      config,
      `name: Tiny
task: generate
source: { path: ../../tiny.gguf }
backends: { echo: { delayMs: 5 } }
scenarios: [{ kind: latency, prompts: hello, requests: 1, outputTokens: 4 }]
protocol: { warmup: 0, trials: 5 }
`,
    )
    const backends = { ids: ["echo"], get: (id: string) => Effect.succeed(id === "echo" ? echo : undefined) }
    const { cells, issues } = yield* plan(workspace, [config], backends, yield* captureHost)
    assert.deepStrictEqual(issues, [])
    const [record] = yield* run(cells, { workspace })
    assert.isUndefined(record?.failure)
    // Timers may be a little early: it is the order of size that proves that our clock ran.
    assert.isAbove(medianOf(record!, "tpot")!, 4)
    assert.isAbove(medianOf(record!, "ttft")!, 4)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
)
