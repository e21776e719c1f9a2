import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { CommandFailed, shortCommand } from "../../../src/engine/process/ShortCommand.ts"
import { isAlive } from "../../fakes/isAlive.ts"
import { until } from "../../fakes/until.ts"

// Real files and processes: as long as a busy machine may take.
const sh = (script: string, options = {}) => shortCommand("sh", ["-c", script], options)
const failure = Effect.fnUntraced(function* (command: ReturnType<typeof shortCommand>) {
  const error = yield* Effect.flip(command)
  assert.instanceOf(error, CommandFailed)
  return error
})

describe("shortCommand", () => {
  it.live("gives what was written on both streams", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* sh("echo out; echo err >&2"), { stdout: "out", stderr: "err" })
      assert.deepStrictEqual(yield* shortCommand("echo", ["$HOME; exit 1"]), { stdout: "$HOME; exit 1", stderr: "" })
    }),
  )

  it.live("leaves no child behind, deaf to SIGTERM or not", () =>
    Effect.gen(function* () {
      const { stdout } = yield* sh("(trap '' TERM; exec sleep 3600) >/dev/null 2>&1 & echo $!")
      yield* until(() => !isAlive(Number(stdout)))
    }),
  )

  it.live("gives input, folder and environment", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* sh("cat", { input: "a\nb" })).stdout, "a\nb")
      assert.strictEqual((yield* sh("cat")).stdout, "")
      assert.strictEqual((yield* sh("pwd", { cwd: "/" })).stdout, "/")
      const env = { PATH: process.env["PATH"]!, COLOUR: "blue" }
      assert.strictEqual((yield* sh("echo $COLOUR $HOME", { env })).stdout, "blue")
    }),
  )

  it.live("reports lines as they come", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const onLine = (line: string) => lines.push(line)
      yield* sh("echo one; echo two >&2; echo three", { onLine })
      assert.sameMembers(lines, ["one", "two", "three"])
      const error = yield* failure(sh("echo four; exit 1", { onLine }))
      assert.strictEqual(lines.at(-1), "four")
      assert.strictEqual(error.output, "four")
    }),
  )

  it.live("ends one that writes without end", () =>
    Effect.gen(function* () {
      const { message, output } = yield* failure(sh("yes"))
      assert.strictEqual(message, "sh wrote more than 16777216 characters")
      assert.isAtMost(output.length, 2 ** 25)
    }),
  )

  it.live("fails with the exit code, or the signal, and the output", () =>
    Effect.gen(function* () {
      const coded = yield* failure(sh("echo why; exit 3"))
      assert.deepInclude(coded, { command: "sh", missing: false, exitCode: 3, output: "why" })
      assert.strictEqual(coded.message, "sh ended with exit code 3")
      const signalled = yield* failure(sh("kill -KILL $$"))
      assert.deepInclude(signalled, { signal: "SIGKILL", missing: false })
      assert.strictEqual(signalled.message, "sh ended with SIGKILL")
    }),
  )

  it.live("tells a program that is not there", () =>
    Effect.gen(function* () {
      for (const onLine of [undefined, () => {}]) {
        const options = onLine === undefined ? {} : { onLine }
        const error = yield* failure(shortCommand("rigbook-no-such-program", [], options))
        assert.deepInclude(error, { missing: true, output: "" })
        assert.strictEqual(error.message, "rigbook-no-such-program: no such program")
      }
    }),
  )

  it.live("does the same for a guarded command, which ends with this program", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* sh("cat; echo err >&2", { guarded: true, input: "a\nb" })).stdout, "a\nb")
      assert.strictEqual((yield* sh("cat", { guarded: true })).stdout, "")
      assert.deepInclude(yield* failure(sh("exit 3", { guarded: true })), { exitCode: 3 })
      assert.deepInclude(yield* failure(sh("kill -KILL $$", { guarded: true })), { signal: "SIGKILL" })
      const program = fileURLToPath(new URL("keepCommand.ts", import.meta.url))
      const parent = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] })
      const said = yield* Effect.promise(() => new Promise((resolve) => parent.stdout.once("data", resolve)))
      const pids = String(said).trim().split(" ").map(Number)
      assert.isTrue(pids.every(isAlive))
      parent.kill("SIGKILL")
      yield* until(() => !pids.some(isAlive))
    }),
  )

  it.live("ends what takes too long, and says so", () =>
    Effect.gen(function* () {
      const error = yield* failure(sh("echo started; exec sleep 1000", { timeoutMs: 300 }))
      assert.strictEqual(error.missing, false)
      assert.strictEqual(error.message, "sh did not end within 0.3 s")
    }),
  )

  it.live("ends the command and its children when it is interrupted", () =>
    Effect.gen(function* () {
      const pids: Array<number> = []
      const fiber = yield* Effect.forkChild(
        sh("sleep 1000 & echo $$; echo $!; wait", { onLine: (line: string) => pids.push(Number(line)) }),
      )
      yield* until(() => pids.length === 2)
      assert.isTrue(pids.every(isAlive))
      yield* Fiber.interrupt(fiber)
      yield* until(() => !pids.some(isAlive))
    }),
  )
})
