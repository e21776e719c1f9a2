import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { CPU, Placement } from "@rigbook/core"
import { fetchModel } from "@rigbook/core/models"
import { fakeHost } from "@rigbook/testkit"
import { Effect, FileSystem, Schema, type Scope } from "effect"
import { spawn } from "node:child_process"
import { totalmem } from "node:os"
import { dirname, join } from "node:path"
import { canLimitMemory, memoryGroup } from "../../core/test/engine/process/memoryGroup.ts"
import { llamacpp } from "../src/LlamaCpp.ts"
import { Options } from "../src/Options.ts"
import { SMOLLM2_SOURCE } from "./smollm2Source.ts"

/*
 * llama-server falls over on its way out after an allocation that failed, and what its log's thread has not written by
 * then is lost: seldom on an idle machine, mostly on a busy one. To see many ends, beside processes that take the processor:
 *
 *   REPEAT=50 BUSY=8 pnpm exec vitest run --project integration packages/backend-llamacpp/test/OutOfMemory
 */
const REPEAT = Number(process.env["REPEAT"] ?? 1)
const BUSY = Number(process.env["BUSY"] ?? 0)

/** SmolLM2 135M keeps 22.5 KiB of keys and values a token. */
const BYTES_PER_TOKEN = 23_040

const besideBusyOnes = Effect.acquireRelease(
  Effect.sync(() =>
    Array.from({ length: BUSY }, () => spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" })),
  ),
  (busy) => Effect.sync(() => busy.forEach((one) => one.kill("SIGKILL"))),
)

/** Opens it over and over; how its end was reported, and how often. */
const endsOf = Effect.fnUntraced(function* (context: number, binary?: string) {
  const fs = yield* FileSystem.FileSystem
  const config = Schema.decodeUnknownSync(Options)({ context, threads: 2, ...(binary === undefined ? {} : { binary }) })
  const files = yield* fetchModel("SmolLM2", SMOLLM2_SOURCE, "/")
  const input = {
    config,
    runtime: yield* llamacpp.probe(config),
    files,
    model: yield* llamacpp.inspect(files),
    task: "generate" as const,
    placement: new Placement({ strategy: "cpu", devices: [CPU] }),
    host: fakeHost(),
    visible: {},
    logFile: join(yield* fs.makeTempDirectoryScoped(), "engine.log"),
    openTimeoutMs: 240_000,
  }
  yield* besideBusyOnes
  const ends = new Map<string, number>()
  for (let turn = 0; turn < REPEAT; turn++) {
    const { reason } = yield* Effect.flip(Effect.scoped(llamacpp.open(input)))
    const end = `${reason._tag}: ${reason.detail.replaceAll(/[\d.]{4,}/g, "N")}`
    ends.set(end, (ends.get(end) ?? 0) + 1)
  }
  if (REPEAT > 1) console.info(ends)
  return ends
})

const provided = <A, E>(test: Effect.Effect<A, E, NodeServices.NodeServices | Scope.Scope>) =>
  test.pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** A llama-server that does `before` it begins, and is given `more` arguments. */
const limited = Effect.fnUntraced(function* (before: string, more = "") {
  const fs = yield* FileSystem.FileSystem
  const { path } = yield* llamacpp.machine!.setup!
  const binary = join(yield* fs.makeTempDirectoryScoped(), "llama-server")
  const script = `#!/bin/sh\nexport LD_LIBRARY_PATH='${dirname(path)}'\n${before}\nexec '${path}' "$@" ${more}\n`
  yield* fs.writeFileString(binary, script, { mode: 0o755 })
  return binary
})

describe("llama-server without memory for its context", () => {
  it.live("is out of memory where the kernel refuses it", () =>
    Effect.gen(function* () {
      const ends = yield* endsOf(Math.ceil((2 * totalmem()) / BYTES_PER_TOKEN))
      for (const end of ends.keys()) assert.match(end, /^OutOfMemory: /)
    }).pipe(provided),
  )

  it.live("is out of memory where its own limit refuses it, of which the kernel writes nothing", () =>
    Effect.gen(function* () {
      // Each arena of malloc would take address space of its own.
      const binary = yield* limited("export MALLOC_ARENA_MAX=1\nulimit -v 2000000")
      const ends = yield* endsOf(131_072, binary)
      for (const end of ends.keys()) assert.match(end, /^OutOfMemory: /)
    }).pipe(provided),
  )

  it.live("is out of memory where it says nothing at all", () =>
    Effect.gen(function* () {
      const limits = "export MALLOC_ARENA_MAX=1\nulimit -v 2000000"
      for (const binary of [yield* limited("", "--log-disable"), yield* limited(limits, "--log-disable")]) {
        const ends = yield* endsOf(Math.ceil((2 * totalmem()) / BYTES_PER_TOKEN), binary)
        for (const end of ends.keys()) assert.match(end, /^OutOfMemory: .*(the kernel refused it|its context takes)/)
      }
    }).pipe(provided),
  )

  // Where control groups can be made, which takes root, and the kernel tells something of them.
  it.live.skipIf(!canLimitMemory)(
    "is out of memory where the kernel ends it (control groups have to be ours to make)",
    () =>
      Effect.gen(function* () {
        const group = yield* memoryGroup(400 * 2 ** 20)
        const ends = yield* endsOf(131_072, yield* limited(`echo $$ > ${group}/cgroup.procs`))
        for (const end of ends.keys()) assert.match(end, /^OutOfMemory: .*the kernel killed its process/)
      }).pipe(provided),
  )
})
