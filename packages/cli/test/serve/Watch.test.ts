import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import type { Backends } from "@rigbook/core"
import { workspaceAt } from "@rigbook/records"
import { run } from "@rigbook/runner"
import { fakeCell } from "@rigbook/testkit"
import { Effect, FileSystem } from "effect"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { watchWorkspace } from "../../src/serve/Watch.ts"

const NO_BACKENDS: Backends = { ids: [], get: () => Effect.succeed(undefined) }

const workspaceIn = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const root = yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-test-" })
  yield* fs.writeFileString(join(root, "rigbook.yaml"), "rigbook: 1\n")
  yield* fs.makeDirectory(join(root, "models/notes"), { recursive: true })
  return workspaceAt(root, { rigbook: 1 })
})

layer(NodeServices.layer, { excludeTestServices: true })("watchWorkspace", (it) => {
  it.effect("sees records come and go, and what people write; a look that finds nothing new changes nothing", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const workspace = yield* workspaceIn
      const look = watchWorkspace(workspace, NO_BACKENDS)
      assert.deepInclude(yield* look, { version: 1, run: undefined })
      assert.strictEqual((yield* look).version, 1)

      const [record] = yield* run([fakeCell({}, { protocol: fast })], { workspace })
      const measured = yield* look
      assert.strictEqual(measured.version, 2)
      assert.deepStrictEqual(
        measured.registry.entries.flatMap(({ records }) => records.map(({ id }) => id)),
        [record!.id],
      )
      const note = join(workspace.notes, "fake-model.md")
      yield* fs.writeFileString(note, "Good.")
      assert.strictEqual((yield* look).registry.entries[0]?.notes[0]?.text, "Good.")
      yield* fs.utimes(note, 1, 1)
      assert.strictEqual((yield* look).version, 4)

      yield* fs.makeDirectory(workspace.reports, { recursive: true })
      yield* fs.writeFileString(join(workspace.reports, `${record!.id}.md`), "# Benchmark report\n")
      const reported = yield* look
      assert.deepStrictEqual([[...reported.registry.reports], reported.version], [[record!.id], 5])

      // What is no record is left alone: neither a stray file nor a folder that something else made.
      yield* fs.writeFileString(join(workspace.raw, ".gitkeep"), "")
      yield* fs.makeDirectory(join(workspace.raw, "lost+found"))
      assert.strictEqual((yield* look).version, 5)
      yield* fs.makeDirectory(join(workspace.raw, "broken"))
      yield* fs.writeFileString(join(workspace.raw, "broken/record.json"), "{")
      assert.strictEqual((yield* look).registry.entries.length, 1)

      yield* fs.remove(join(workspace.raw, record!.id), { recursive: true })
      assert.deepStrictEqual((yield* look).registry.entries[0]?.records, [])
    }),
  )

  it.effect("goes on looking when pipes, endless devices and links appear, and notices what comes beside them", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const workspace = yield* workspaceIn
      const look = watchWorkspace(workspace, NO_BACKENDS)
      const [record] = yield* run([fakeCell({}, { protocol: fast })], { workspace })
      yield* look
      const odd = join(workspace.raw, "odd")
      for (const folder of [odd, workspace.configs, join(workspace.imported, "odd")])
        yield* fs.makeDirectory(folder, { recursive: true })
      for (const pipe of [
        join(workspace.notes, "pipe.md"),
        join(workspace.configs, "pipe.yaml"),
        join(workspace.imported, "odd", "import.json"),
        join(odd, "record.json"),
        join(odd, "samples.ndjson"),
        join(workspace.raw, "..", "run.json"),
      ])
        execFileSync("mkfifo", [pipe])
      yield* fs.symlink("/dev/zero", join(workspace.notes, "zero.md"))
      yield* fs.symlink("/etc/passwd", join(workspace.notes, "outside.md"))
      yield* fs.writeFileString(join(workspace.notes, "fake-model.md"), "Good.")
      const { registry } = yield* look
      assert.deepStrictEqual(
        registry.entries.flatMap(({ notes, records }) => [
          ...notes.map(({ text }) => text),
          ...records.map(({ id }) => id),
        ]),
        ["Good.", record!.id],
      )
    }),
  )
})

const fast = {
  warmup: 0,
  trials: 1,
  openTimeoutMs: 60_000,
  requestTimeoutMs: 60_000,
  stallTimeoutMs: 60_000,
}
