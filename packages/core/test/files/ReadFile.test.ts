import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { FILE_LIMITS, type FileLimit } from "../../src/files/FileLimits.ts"
import { checkOrdinary, readText, readTextIfAny } from "../../src/files/ReadFile.ts"
import type { UnreadableFile } from "../../src/files/UnreadableFile.ts"

const LIMIT: FileLimit = { kind: "a note", bytes: 1000 }
const SHARED: FileLimit = { ...LIMIT, shared: true }
const JSON_LIMIT: FileLimit = { ...LIMIT, json: true }

/** A workspace and a folder beside it. */
const folders = Effect.acquireRelease(
  Effect.sync(() => {
    const own = mkdtempSync(join(realpathSync(tmpdir()), "rigbook-read-"))
    const [root, outside] = [join(own, "workspace"), join(own, "outside")]
    for (const folder of [root, outside]) mkdirSync(folder)
    writeFileSync(join(root, "rigbook.yaml"), "rigbook: 1\n")
    return { own, root, outside }
  }),
  ({ own }) => Effect.sync(() => rmSync(own, { recursive: true })),
)

const file = (path: string, text: string): string => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

const refusal = (path: string, limit: FileLimit = LIMIT): Effect.Effect<UnreadableFile, string> =>
  Effect.flip(readText(path, limit))

describe("readText", () => {
  it.effect("reads an ordinary file up to its limit, and names limit and place of one above it", () =>
    Effect.gen(function* () {
      const { root } = yield* folders
      const path = file(join(root, "a.md"), "x".repeat(1000))
      assert.strictEqual((yield* readText(path, LIMIT)).length, 1000)
      file(path, "é".repeat(501))
      assert.strictEqual(
        (yield* refusal(path)).message,
        `${path} has 1,002 bytes, but a note may have 1,000 at most. Make it smaller, split it, or move it away.`,
      )
      assert.strictEqual(yield* readText(file(path, ""), LIMIT), "")
    }),
  )

  it.effect("leaves out a byte order mark", () =>
    Effect.gen(function* () {
      const { root } = yield* folders
      const path = file(join(root, "bom.md"), `${String.fromCharCode(0xfeff)}---\n`)
      assert.strictEqual(yield* readText(path, LIMIT), "---\n")
    }),
  )

  it.effect("does not read a byte of a file that is too large", () =>
    Effect.gen(function* () {
      const { root } = yield* folders
      const path = file(join(root, "a.md"), "")
      truncateSync(path, 2 ** 40) // sparse: reading it would take memory that nobody has
      for (const limit of Object.values(FILE_LIMITS)) assert.match((yield* refusal(path, limit)).detail, /at most$/)
    }),
  )

  it.effect("refuses what is no ordinary file, and does not wait for it", () =>
    Effect.gen(function* () {
      const { root } = yield* folders
      const pipe = join(root, "pipe")
      execFileSync("mkfifo", [pipe])
      const socket = join(root, "socket")
      const server = yield* Effect.acquireRelease(
        Effect.callback<ReturnType<typeof createServer>>((resume) => {
          const listening = createServer().listen(socket, () => resume(Effect.succeed(listening)))
        }),
        (open) => Effect.sync(() => open.close()),
      )
      assert.isTrue(server.listening)
      const zero = join(root, "zero")
      symlinkSync("/dev/zero", zero)
      const loop = join(root, "loop")
      symlinkSync("loop", loop)
      for (const limit of [LIMIT, SHARED]) {
        assert.include((yield* refusal(pipe, limit)).detail, "is a named pipe, not an ordinary file")
        assert.include((yield* refusal(socket, limit)).detail, "is a socket or a device")
        assert.include((yield* refusal(zero, limit)).detail, "is a device")
        assert.include((yield* refusal(root, limit)).detail, "is a folder")
        assert.include((yield* refusal(loop, limit)).detail, "leads to itself")
      }
      assert.include((yield* Effect.flip(checkOrdinary(pipe))).detail, "is a named pipe")
      yield* checkOrdinary(join(root, "rigbook.yaml"))
    }),
  )

  it.effect("refuses links that leave the workspace, of the file or of a folder on the way to it", () =>
    Effect.gen(function* () {
      const { outside, own, root } = yield* folders
      file(join(outside, "secret"), "SECRET")
      file(join(root, "inside"), "inside")
      const [out, dangling, within, folder] = ["out", "dangling", "within", "folder"].map((name) =>
        join(root, name),
      ) as [string, string, string, string]
      symlinkSync(join(outside, "secret"), out)
      symlinkSync(join(outside, "nothing"), dangling)
      symlinkSync("inside", within)
      symlinkSync(outside, folder)
      const leaving = /leads out of its workspace through a link/
      assert.match((yield* refusal(out)).message, leaving)
      assert.notInclude((yield* refusal(out)).message, "SECRET")
      assert.match((yield* refusal(join(folder, "secret"))).detail, leaving)
      assert.isTrue((yield* refusal(dangling)).missing)
      assert.strictEqual(yield* readText(within, LIMIT), "inside")
      assert.strictEqual(yield* readText(out, SHARED), "SECRET")
      // A workspace that is itself reached by a link is left by none of its own files; a path outside of all is no link.
      symlinkSync(root, join(own, "linked"))
      assert.strictEqual(yield* readText(join(own, "linked", "within"), LIMIT), "inside")
      assert.match((yield* refusal(join(own, "linked", "out"))).detail, leaving)
      assert.strictEqual(yield* readText(join(outside, "secret"), LIMIT), "SECRET")
    }),
  )

  it.effect("distinguishes a missing file from one that may not be read", () =>
    Effect.gen(function* () {
      const { root } = yield* folders
      const none = join(root, "none", "a.md")
      assert.isTrue((yield* refusal(none)).missing)
      assert.isUndefined(yield* readTextIfAny(none, LIMIT))
      assert.isUndefined(yield* readTextIfAny(join(root, "rigbook.yaml", "below-a-file"), LIMIT))
      const locked = file(join(root, "locked"), "")
      chmodSync(locked, 0)
      if (process.getuid?.() === 0) return // root may read it
      const { fix, missing } = yield* Effect.flip(readTextIfAny(locked, LIMIT))
      assert.deepStrictEqual({ fix, missing }, { fix: "Check its permissions.", missing: false })
    }),
  )

  it.effect("refuses JSON that is nested too deep, by its line", () =>
    Effect.gen(function* () {
      const { root } = yield* folders
      const path = join(root, "a.json")
      const nested = (depth: number) => '{"[":'.repeat(depth) + "[]" + "}".repeat(depth)
      yield* readText(file(path, `${nested(127)}\n${nested(127)}`), { ...JSON_LIMIT, bytes: 10_000 })
      const text = `${JSON.stringify({ text: `${"[".repeat(300)}\\"` })}\n${nested(128)}`
      assert.strictEqual(
        (yield* refusal(file(path, text), { ...JSON_LIMIT, bytes: 10_000 })).message.split(". ")[0],
        `${path}:2 has JSON that is nested more than 128 deep`,
      )
    }),
  )
})
