import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, FileSystem, Result, Scope, Stream } from "effect"
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { engineProcess } from "../../../src/engine/process/EngineProcess.ts"
import { canLimitMemory, memoryGroup } from "./memoryGroup.ts"
import { isAlive, untilGone } from "./processes.ts"
import { LEAVES_ONE_BEHIND, pidsIn, STUBBORN } from "./stubborn.ts"

const env = { PATH: "/usr/bin:/bin" }
const command = "/bin/sh"

const logFileInTemp = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  return join(yield* fs.makeTempDirectoryScoped(), "engine.log")
})

const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await sleep(20)
}

const untilPids = async (log: () => string): Promise<ReadonlyArray<number>> => {
  await until(() => pidsIn(log()) !== undefined)
  return pidsIn(log())!
}

describe.concurrent("engineProcess", () => {
  it.live("gives the exit code, keeps the last words and writes them to the log file", () =>
    Effect.gen(function* () {
      const logFile = yield* logFileInTemp
      yield* Effect.gen(function* () {
        const engine = yield* engineProcess({ command, args: ["-c", "echo out; echo err >&2; exit 7"], env, logFile })
        assert.strictEqual(yield* engine.exited, 7)
        assert.sameMembers([...engine.logTail()], ["out", "err"])
      }).pipe(Effect.scoped)
      assert.sameMembers(readFileSync(logFile, "utf8").trimEnd().split("\n"), ["out", "err"])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("tells death by a signal as 128 + its number, also to those who ask late", () =>
    Effect.gen(function* () {
      const logFile = yield* logFileInTemp
      const engine = yield* engineProcess({ command, args: ["-c", "kill -KILL $$"], env, logFile })
      assert.strictEqual(yield* engine.exited, 137)
      assert.strictEqual(yield* engine.exited, 137)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("names the command's process, and opens nothing else to it", () =>
    Effect.gen(function* () {
      const logFile = yield* logFileInTemp
      const args = ["-c", "echo $$; ls /proc/self/fd | tr '\\n' ' '"]
      const engine = yield* engineProcess({ command, args, env, logFile })
      yield* engine.exited
      const [pid, open] = engine.logLines()
      assert.strictEqual(engine.commandPid(), Number(pid))
      // What this process was itself given to inherit has higher numbers; 3 is the folder that is listed.
      const low = open!
        .trim()
        .split(" ")
        .map(Number)
        .filter((file) => file < 10)
      assert.deepStrictEqual(low, [0, 1, 2, 3])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("keeps the last lines of a long log beside the first", () =>
    Effect.gen(function* () {
      const logFile = yield* logFileInTemp
      const args = ["-c", "echo first; yes 'in the middle of a long log' | head -n 400000; echo last"]
      const engine = yield* engineProcess({ command, args, env, logFile })
      yield* engine.exited
      assert.notInclude(engine.log(), "last")
      assert.strictEqual(engine.logLines()[0], "first")
      assert.strictEqual(engine.logLines().at(-1), "last")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("finds no want of memory where somebody killed the engine, or it fell by itself", () =>
    Effect.gen(function* () {
      const logFile = yield* logFileInTemp
      for (const signal of ["KILL", "SEGV"]) {
        const engine = yield* engineProcess({ command, args: ["-c", `kill -${signal} $$`], env, logFile })
        assert.isUndefined(yield* engine.memoryShortage(yield* engine.exited))
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  // Where control groups can be made, which takes root, and the kernel tells something of them.
  it.live.skipIf(!canLimitMemory)(
    "tells that the kernel ended the engine because memory ran out (control groups have to be ours to make)",
    () =>
      Effect.gen(function* () {
        const logFile = yield* logFileInTemp
        const group = yield* memoryGroup(30 * 2 ** 20)
        const args = ["-c", `echo $$ > ${group}/cgroup.procs; x=x; while :; do x=$x$x; done`]
        const engine = yield* engineProcess({ command, args, env, logFile })
        const exitCode = yield* engine.exited
        assert.strictEqual(exitCode, 137)
        assert.match((yield* engine.memoryShortage(exitCode))!, /killed its process \d+ because memory ran out/)
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("gives the engine just the environment that was requested", () =>
    Effect.gen(function* () {
      const logFile = yield* logFileInTemp
      const engine = yield* engineProcess({ command: "/usr/bin/env", args: [], env: { ONLY: "this" }, logFile })
      yield* engine.exited
      const names = engine.logTail().map((line) => line.split("=")[0])
      assert.includeMembers(names, ["ONLY"])
      assert.notInclude(names, "HOME")
      assert.notInclude(names, "PATH")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("carries lines both ways over the channel, apart from the output", () =>
    Effect.gen(function* () {
      const logFile = yield* logFileInTemp
      const args = ["-c", `while read -r line <&4; do echo noise; echo "got $line" >&5; done`]
      const engine = yield* engineProcess({ command, args, env, logFile, channel: true })
      yield* engine.sendLine("ünï")
      yield* engine.sendLine("x".repeat(200_000))
      const lines = yield* engine.receivedLines.pipe(Stream.take(2), Stream.runCollect)
      assert.deepStrictEqual([...lines], ["got ünï", `got ${"x".repeat(200_000)}`])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("ends the channel's lines when the engine dies", () =>
    Effect.gen(function* () {
      const logFile = yield* logFileInTemp
      const args = ["-c", "echo last >&5; kill -KILL $$"]
      const engine = yield* engineProcess({ command, args, env, logFile, channel: true })
      assert.deepStrictEqual([...(yield* Stream.runCollect(engine.receivedLines))], ["last"])
      yield* engine.sendLine("nobody reads this")
      assert.strictEqual(yield* engine.exited, 137)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("fails, and starts nothing, when the log file can't be written", () =>
    Effect.gen(function* () {
      const logFile = join(yield* logFileInTemp, "no-such-folder", "engine.log")
      const started = yield* engineProcess({ command, args: ["-c", "sleep 600"], env, logFile }).pipe(Effect.result)
      assert.isTrue(Result.isFailure(started))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  for (const [what, args] of [
    ["a child and a grandchild that are deaf to SIGTERM", STUBBORN],
    ["a deaf grandchild whose parent ends politely", LEAVES_ONE_BEHIND],
  ] as const) {
    it.live(`ends ${what} when its scope closes`, () =>
      Effect.gen(function* () {
        const logFile = yield* logFileInTemp
        const pids = yield* Effect.gen(function* () {
          const engine = yield* engineProcess({ command, args, env, logFile })
          const found = [engine.pid, ...(yield* Effect.promise(() => untilPids(engine.log)))]
          assert.isTrue(found.every(isAlive))
          return found
        }).pipe(Effect.scoped)
        assert.deepStrictEqual(pids.filter(isAlive), [])
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
    )

    it.live(`ends ${what} when the program that started them is killed with SIGKILL`, () =>
      Effect.gen(function* () {
        const logFile = yield* logFileInTemp
        yield* Effect.promise(async () => {
          const program = fileURLToPath(new URL("keepEngine.ts", import.meta.url))
          const parent = spawn(process.execPath, [program, logFile, ...args], {
            stdio: ["ignore", "ignore", "inherit"],
          })
          const pids = await untilPids(() => (existsSync(logFile) ? readFileSync(logFile, "utf8") : ""))
          assert.isTrue(pids.every(isAlive))
          parent.kill("SIGKILL")
          await untilGone(pids)
        })
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
    )
  }

  it.live("waits for no grace when the engine listens, or has ended", () =>
    Effect.gen(function* () {
      const logFile = yield* logFileInTemp
      const closingMs = Effect.fnUntraced(function* (script: string) {
        const opened = engineProcess({ command, args: ["-c", script], env, logFile })
        const scope = yield* Scope.make()
        const engine = yield* Scope.provide(opened, scope)
        yield* Effect.promise(() => until(() => engine.log().includes("up")))
        const start = performance.now()
        yield* Scope.close(scope, Exit.void)
        assert.isFalse(isAlive(engine.pid))
        return performance.now() - start
      })
      const deafMs = yield* closingMs("trap '' TERM; echo up; while :; do sleep 600; done")
      for (const script of ["exec sleep 600", "exit 1", "exit 0"]) {
        const tries = yield* Effect.forEach([1, 2, 3], () => closingMs(`echo up; ${script}`))
        assert.isBelow(Math.min(...tries), deafMs / 2, script)
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})
