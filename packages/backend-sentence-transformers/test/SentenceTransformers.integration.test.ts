import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { CPU, type EmbedRequest, type Observer } from "@rigbook/core"
import { Effect, Fiber, FileSystem } from "effect"
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { join } from "node:path"
import { canLimitMemory, memoryGroup } from "../../core/test/engine/process/memoryGroup.ts"
import type { Options } from "../src/Options.ts"
import { setup } from "../src/Runtime.ts"
import { sentenceTransformers } from "../src/SentenceTransformers.ts"
import { groupMembers } from "./groupMembers.ts"
import { decodeOptions, documents, miniLmInput } from "./MiniLm.ts"

/** Documents that take minutes. */
const MANY = 20_000

const silent: Observer = { sent: () => {}, chunk: () => {} }
const embed = (texts: ReadonlyArray<string>, batchSize = 16): EmbedRequest => ({ task: "embed", texts, batchSize })

const openMiniLm = Effect.fnUntraced(function* (options: typeof Options.Encoded = {}) {
  const input = yield* miniLmInput(options)
  return { input, session: yield* sentenceTransformers.open(input) }
})

const workerPid = (group: number): number => groupMembers(group).find(({ args }) => /^\S*python/.test(args))!.pid

describe("sentenceTransformers", () => {
  it.live(
    "embeds documents on the CPU, says truly what ran, gives up what is interrupted, and reports a killed worker, during a request and ever after",
    () => {
      let group = 0
      return Effect.gen(function* () {
        const { input, session } = yield* openMiniLm({ threads: 1, maxLength: 128 })
        assert.deepInclude(input.runtime, { program: "sentence-transformers", version: "6.2.0", origin: "setup" })
        assert.match(input.runtime.libraries["torch"]!, /^2\.13\.0/)
        assert.deepStrictEqual(session.effective.devices, [CPU])
        assert.deepInclude(session.effective.settings, {
          ...sentenceTransformers.placement!.requested!(input.config, input.placement),
          dtype: "float32",
          dimensions: 384,
          normalize: true,
          attention: "sdpa",
        })
        assert.deepInclude(session.effective.loading, {
          missing: { count: 0, first: [] },
          pooling: { mode: "mean", assumed: false },
          vocabulary: input.model.vocabulary!,
        })
        assert.approximately(session.effective.buffers[0]!.bytes / input.model.weightBytes, 1, 0.001)

        const times = { sent: 0, end: 0 }
        const observer = { ...silent, sent: () => void (times.sent = performance.now()) }
        const texts = documents(64)
        const completion = yield* session.send(embed(texts), observer)
        times.end = performance.now()
        assert.deepInclude(completion.vectors, { count: 64, dimensions: 384 })
        assert.match(completion.vectors!.sha256!, /^[0-9a-f]{64}$/)
        const callMs = completion.timings!.callMs!
        assert.isAbove(times.sent, 0)
        assert.isAbove(callMs, 0)
        assert.isAtLeast(times.end - times.sent, callMs)
        assert.isTrue(completion.memory!.some(({ bytes, name }) => name === "rss_peak" && bytes > 2 ** 28))

        const once = yield* session.send(embed(["word ".repeat(50)]), silent)
        const cut = yield* session.send(embed(["word ".repeat(5_000)]), silent)
        assert.deepInclude(once, { inputTokens: 52, truncated: { documents: 0, tokens: 0 }, unknownTokens: 0 })
        assert.deepInclude(cut, { inputTokens: 128, truncated: { documents: 1, tokens: 5_000 - 126 } })
        const unread = yield* session.send(embed(["\u{1F9FF} \u{1FAE0} harbour"]), silent)
        assert.deepInclude(unread, { inputTokens: 5, unknownTokens: 2 })

        const kept = { ...embed(documents(8)), returnVectors: true }
        const { vectors } = yield* session.send(kept, silent)
        const bytes = Buffer.from(vectors!.base64!, "base64")
        assert.strictEqual(bytes.length, 8 * 384 * 4)
        assert.strictEqual(createHash("sha256").update(bytes).digest("hex"), vectors!.sha256)
        assert.deepStrictEqual((yield* session.send(kept, silent)).vectors, vectors)
        assert.notProperty(completion.vectors, "base64")

        const refused = yield* Effect.flip(
          session.send({ task: "generate", prompt: { text: "?" }, outputTokens: 1 }, silent),
        )
        assert.strictEqual(refused.reason._tag, "Unsupported")

        const long = yield* Effect.forkChild(session.send(embed(documents(MANY), 32), silent))
        yield* Effect.sleep("1 second")
        yield* Fiber.interrupt(long)
        const start = performance.now()
        yield* session.send(embed(["next"]), silent)
        const wholeMs = (MANY / texts.length) * callMs
        assert.isBelow(performance.now() - start, wholeMs / 4, "what was interrupted does not continue")
        group = session.pids[0]!

        const sending = yield* Effect.forkChild(Effect.flip(session.send(embed(documents(MANY)), silent)))
        yield* Effect.sleep("1 second")
        process.kill(workerPid(group), "SIGKILL")
        const during = yield* Fiber.join(sending)
        assert.deepInclude(during.reason, { _tag: "Crashed", exitCode: 137 })
        const after = yield* Effect.flip(session.send(embed(["too late"]), silent))
        assert.strictEqual(after.reason._tag, "Crashed")
      }).pipe(
        Effect.scoped,
        Effect.tap(() => Effect.sync(() => assert.deepStrictEqual(groupMembers(group), []))),
        Effect.provide(NodeServices.layer),
      )
    },
  )

  // Where control groups can be made, which takes root, and the kernel tells something of them.
  it.live.skipIf(!canLimitMemory)(
    "tells a worker that the kernel ended because memory ran out from one that somebody killed (control groups have to be ours to make)",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { path } = yield* setup
        const group = yield* memoryGroup(1200 * 2 ** 20)
        const python = join(yield* fs.makeTempDirectoryScoped(), "python")
        const script = `#!/bin/sh\necho $$ > ${group}/cgroup.procs\nexec '${path}' "$@"\n`
        yield* fs.writeFileString(python, script, { mode: 0o755 })
        const { session } = yield* openMiniLm({ python })
        const long = Array.from({ length: 1_024 }, () => "word ".repeat(400))
        const { reason } = yield* Effect.flip(session.send(embed(long, 1_024), silent))
        assert.strictEqual(reason._tag, "OutOfMemory", reason.detail)
        assert.match(reason.detail, /signal 9.*the kernel killed its process \d+/)
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("calls too little memory by its name, serves smaller batches after, and leaves nothing behind", () => {
    let group = 0
    return Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { path } = yield* setup
      const python = join(yield* fs.makeTempDirectoryScoped(), "python")
      yield* fs.writeFileString(python, `#!/bin/sh\nulimit -v 1500000\nexec '${path}' "$@"\n`, { mode: 0o755 })
      const { input, session } = yield* openMiniLm({ python })
      assert.strictEqual(input.runtime.origin, "named")
      const long = Array.from({ length: 1_024 }, () => "word ".repeat(400))
      const error = yield* Effect.flip(session.send(embed(long, 1_024), silent))
      assert.strictEqual(error.reason._tag, "OutOfMemory")
      assert.include(error.reason.fix, "smaller batch")
      assert.strictEqual((yield* session.send(embed(["small"]), silent)).vectors?.count, 1)
      group = session.pids[0]!
      assert.isNotEmpty(groupMembers(group))
    }).pipe(
      Effect.scoped,
      Effect.tap(() => Effect.sync(() => assert.deepStrictEqual(groupMembers(group), []))),
      Effect.provide(NodeServices.layer),
    )
  })

  it.live("finds a named python that is missing, or has no such package, before anything runs", () =>
    Effect.gen(function* () {
      const check = (python: string) => Effect.flatMap(decodeOptions({ python }), sentenceTransformers.machine!.check!)
      const missing = yield* check("/no/such/python")
      assert.deepStrictEqual(
        missing.map(({ path }) => path),
        [["python"]],
      )
      assert.include(missing[0]!.message, "/no/such/python does not work: it does not exist")

      const fs = yield* FileSystem.FileSystem
      const folder = join(yield* fs.makeTempDirectoryScoped(), "bare")
      const { path } = yield* setup
      execFileSync(path, ["-m", "venv", "--without-pip", folder])
      assert.include((yield* check(join(folder, "bin", "python")))[0]!.message, "has no sentence-transformers")
      assert.deepStrictEqual(yield* check(path), [])
      const probe = Effect.flatMap(Effect.orDie(decodeOptions({ python: "/no" })), sentenceTransformers.probe)
      assert.strictEqual((yield* Effect.flip(probe)).reason._tag, "NotInstalled")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("tells a model that does not load from an engine that does not run", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const input = yield* miniLmInput()
      const path = join(yield* fs.makeTempDirectoryScoped(), "nothing-here")
      const error = yield* Effect.flip(sentenceTransformers.open({ ...input, files: { path } }))
      assert.strictEqual(error.reason._tag, "BadModel")
      const hurried = yield* Effect.flip(sentenceTransformers.open({ ...input, openTimeoutMs: 50 }))
      assert.strictEqual(hurried.reason._tag, "TimedOut")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})
