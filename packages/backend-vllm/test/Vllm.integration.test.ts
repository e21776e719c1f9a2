import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { CPU, Progress, Runtime } from "@rigbook/core"
import { Effect, Exit, FileSystem, Scope } from "effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { canLimitMemory, memoryGroup } from "../../core/test/engine/process/memoryGroup.ts"
import { setup } from "../src/Runtime.ts"
import { vllm } from "../src/Vllm.ts"
import { chat, groupMembers, live, silent, workersOf } from "./live.ts"
import { decodeOptions, prepared, SMALL, tinyInput } from "./TinyModel.ts"

const FLOAT32_BYTES = 4

/** Where a server's processes talk to each other. */
const socketsOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/environ`, "utf8").match(/(?<=VLLM_RPC_BASE_PATH=)[^\0]+/)![0]

describe("vllm with a real vLLM", () => {
  live("setup installs it; probe then finds the same, and a named one is checked before anything runs", () =>
    Effect.gen(function* () {
      const { runtime } = yield* prepared
      assert.match(runtime.version, /^0\.32\.0/)
      assert.match(runtime.libraries["torch"]!, /^2\.13\.0/)
      assert.deepStrictEqual(yield* vllm.probe(decodeOptions({})), runtime)
      assert.deepStrictEqual(yield* vllm.machine!.check!(decodeOptions({ vllm: runtime.path })), [])
      const [missing] = yield* vllm.machine!.check!(decodeOptions({ vllm: "/no/such/vllm" }))
      assert.deepStrictEqual(missing!.path, ["vllm"])
      assert.include(missing!.message, "/no/such/vllm does not exist")
      const fs = yield* FileSystem.FileSystem
      const bare = join(yield* fs.makeTempDirectoryScoped(), "vllm")
      yield* fs.writeFileString(bare, "#!/bin/sh\n", { mode: 0o755 })
      assert.include(
        (yield* vllm.machine!.check!(decodeOptions({ vllm: bare })))[0]!.message,
        "has to be beside the program vllm",
      )
    }),
  )

  live(
    "streams what it counts, reads back the effective settings, refuses what does not fit, and reports a killed worker",
    () =>
      Effect.gen(function* () {
        const input = yield* tinyInput({ ...SMALL, maxModelLen: 256 })
        const scope = yield* Scope.make()
        const session = yield* vllm.open(input).pipe(Scope.provide(scope))
        assert.deepStrictEqual(session.effective.devices, [CPU])
        assert.deepInclude(session.effective.settings, {
          ...vllm.placement!.requested!(input.config, input.placement),
          version: "0.32.0",
          kvCacheTokens: 2 ** 26 / (input.model.layers! * 2 * input.model.kvHeads! * 32 * FLOAT32_BYTES),
          kvCacheDtype: "auto",
        })
        assert.deepStrictEqual(session.effective.buffers, [{ device: CPU, kind: "KV", bytes: 2 ** 26 }])

        const prompt = { text: "w1 w2 w3 w4" }
        for (const request of [chat(24), { ...chat(24), prompt }, { ...chat(24), prompt }]) {
          let tokens = 0
          const completion = yield* session.send(request, { ...silent, chunk: (count) => void (tokens += count) })
          assert.strictEqual(tokens, 24)
          assert.deepInclude(completion, { outputTokens: 24, cachedTokens: 0, finish: "length" })
          if ("text" in request.prompt) assert.strictEqual(completion.inputTokens, 4)
          assert.strictEqual(completion.text!.trim().split(/\s+/).length, 24)
        }
        const long = yield* Effect.flip(session.send(chat(300), silent))
        assert.strictEqual(long.reason._tag, "Refused")
        assert.include(long.reason.fix, "maxModelLen")
        const wrong = yield* Effect.flip(session.send({ task: "embed", texts: ["w1"], batchSize: 1 }, silent))
        assert.strictEqual(wrong.reason._tag, "Unsupported")

        const sockets = socketsOf(session.pids[0]!)
        assert.isNotEmpty(readdirSync(sockets))
        const [worker] = workersOf(session)
        // Between requests: a model this small has answered before a signal in the middle would arrive.
        process.kill(worker!.pid, "SIGKILL")
        const killed = yield* Effect.flip(session.send(chat(240), silent))
        assert.strictEqual(killed.reason._tag, "Crashed")
        assert.match(killed.reason.detail, /worker VllmWorker-0 died/)
        assert.isTrue(killed.logTail.length > 0)
        yield* Scope.close(scope, Exit.void)
        assert.deepStrictEqual(groupMembers(session.pids[0]!), [])
        assert.isFalse(existsSync(sockets))
      }),
  )

  // Where control groups can be made, which takes root, and the kernel tells something of them.
  it.live.skipIf(!canLimitMemory)(
    "tells a process that the kernel ended because memory ran out from one that somebody killed (control groups have to be ours to make)",
    () =>
      Effect.gen(function* () {
        const input = yield* tinyInput()
        const fs = yield* FileSystem.FileSystem
        const group = yield* memoryGroup(700 * 2 ** 20)
        const path = join(yield* fs.makeTempDirectoryScoped(), "vllm")
        const script = `#!/bin/sh\necho $$ > ${group}/cgroup.procs\nexec '${input.runtime.path}' "$@"\n`
        yield* fs.writeFileString(path, script, { mode: 0o755 })
        const { libraries, origin, program, version } = input.runtime
        const runtime = new Runtime({ program, version, origin, path, libraries })
        const { reason } = yield* Effect.flip(vllm.open({ ...input, runtime }))
        assert.strictEqual(reason._tag, "OutOfMemory", reason.detail)
        assert.match(reason.detail, /the kernel killed its process \d+/)
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  live("tells a model that is not there from an engine that is slow, and both are gone after", () =>
    Effect.gen(function* () {
      const input = yield* tinyInput()
      const missing = yield* Effect.flip(vllm.open({ ...input, files: { path: "/no/such/model" } }))
      assert.strictEqual(missing.reason._tag, "BadModel")
      assert.include(missing.reason.detail, "/no/such/model")
      const hurried = yield* Effect.flip(vllm.open({ ...input, openTimeoutMs: 500 }))
      assert.strictEqual(hurried.reason._tag, "TimedOut")
    }),
  )

  live("setup finds what is there, and installs nothing again", () =>
    Effect.gen(function* () {
      const { runtime } = yield* prepared
      const steps: Array<string> = []
      const again = Effect.provideService(setup, Progress, ({ step }) => Effect.sync(() => void steps.push(step)))
      assert.deepStrictEqual(yield* again, runtime)
      assert.deepStrictEqual(steps, [])
    }),
  )
})
