import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { llamacpp } from "@rigbook/backend-llamacpp"
import { openai } from "@rigbook/backend-openai"
import { vllm } from "@rigbook/backend-vllm"
import { type AnyBackend, CPU, type ModelFiles, Placement, type Task } from "@rigbook/core"
import { freePort } from "@rigbook/core/engine"
import { fetchModel } from "@rigbook/core/models"
import { processTree } from "@rigbook/runner"
import { type BackendSubject, checkBackend, fakeHost } from "@rigbook/testkit"
import { Effect, FileSystem, Schema, type Scope } from "effect"
import { execFileSync } from "node:child_process"
import { dirname, join } from "node:path"
import { SMOLLM2_SOURCE } from "../packages/backend-llamacpp/test/smollm2Source.ts"

/** A real server, started by its own backend, and attached to by its address as if somebody else had. */
const serving = Effect.fnUntraced(function* (
  backend: AnyBackend<NodeServices.NodeServices>,
  task: Task,
  files: ModelFiles,
  options: object,
  body: Readonly<Record<string, Schema.Json>>,
) {
  const fs = yield* FileSystem.FileSystem
  const port = yield* freePort
  const config = yield* Schema.decodeUnknownEffect(backend.config)({ ...options, port })
  const session = yield* backend.open({
    config,
    runtime: yield* backend.probe(config),
    files,
    model: yield* backend.inspect(files),
    task,
    placement: new Placement({ strategy: "cpu", devices: [CPU] }),
    host: fakeHost(),
    visible: {},
    logFile: join(yield* fs.makeTempDirectoryScoped(), "engine.log"),
    openTimeoutMs: 600_000,
  })
  const all = (signal: NodeJS.Signals) =>
    Effect.sync(() => {
      for (const pid of processTree(session.pids))
        try {
          process.kill(pid, signal)
        } catch {
          // It has been killed, and can't be thawed any more.
        }
    })
  const subject: BackendSubject = {
    options: { url: `http://127.0.0.1:${port}`, body },
    models: { [task]: files },
    faults: {
      missingProgram: { url: `http://127.0.0.1:${yield* freePort}` },
      unsupported: { url: `http://127.0.0.1:${port}`, model: "another" },
      freeze: () => Effect.acquireRelease(all("SIGSTOP"), () => all("SIGCONT")),
      kill: () => all("SIGKILL"),
    },
  }
  return subject
})

const smolLm2 = Effect.gen(function* () {
  yield* llamacpp.machine!.setup!
  return yield* fetchModel("SmolLM2", SMOLLM2_SOURCE, "/")
})

/** Passes what can be looked at; the rest is exactly what nobody can tell of a server of somebody else. */
const passes = <E>(
  name: string,
  task: Task,
  subject: Effect.Effect<BackendSubject, E, NodeServices.NodeServices | Scope.Scope>,
): void =>
  it.live(`openai attaches to ${name}, to ${task}`, () =>
    Effect.gen(function* () {
      const results = yield* checkBackend(openai, subject)
      // A server is started for one task: the cases of the other have no model.
      const told = results
        .filter(({ name }) => name.startsWith(`${task}: `) || !/^(generate|embed): /.test(name))
        .flatMap((result) => (result.outcome === "passed" ? [] : [result]))
      assert.deepStrictEqual(
        told.map((result) => (result.outcome === "not run" ? `${result.name}: ${result.why}` : result.sentence)),
        [
          `${task}: is on the devices that it was placed on: the engine does not tell which devices hold the weights`,
          `${task}: names processes that run and are ours: the session names no process: its memory is not observed`,
          "leaves no process when it is interrupted while it opens: open starts no process that could be left behind",
          "leaves no process when it is closed, deaf to SIGTERM or not: the session names no process of its own",
          "leaves no port when it is closed: the engine listens on no port of this machine",
          "leaves no child of the engine: give faults.deafChild: options whose engine leaves a child behind, see withDeafChild",
          "calls too little memory by its name: give faults.outOfMemory: options or a request that take more memory than there is",
        ],
      )
    }).pipe(Effect.provide(NodeServices.layer)),
  )

const LLAMA = { context: 512, threads: 1, pooling: "mean" }

passes(
  "llama-server",
  "generate",
  Effect.flatMap(smolLm2, (files) =>
    serving(llamacpp, "generate", files, LLAMA, { ignore_eos: true, cache_prompt: false }),
  ),
)
passes(
  "llama-server",
  "embed",
  Effect.flatMap(smolLm2, (files) => serving(llamacpp, "embed", files, LLAMA, {})),
)
passes(
  "vLLM",
  "generate",
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const runtime = yield* vllm.machine!.setup!
    const path = yield* fs.makeTempDirectoryScoped()
    const script = join(import.meta.dirname, "../packages/backend-vllm/test/tiny_model.py")
    execFileSync(join(dirname(runtime.path), "python"), [script, path])
    // In bfloat16 vLLM dies with so small a model on some processors.
    const options = { dtype: "float32", enforceEager: true, kvCacheBytes: 2 ** 26, maxSequences: 8, maxModelLen: 512 }
    const body = { ignore_eos: true, stream_options: { include_usage: true, continuous_usage_stats: true } }
    const subject = yield* serving(vllm, "generate", { path }, options, body)
    return { ...subject, prompt: { text: "w1 w2 w3 w4" } }
  }),
)
