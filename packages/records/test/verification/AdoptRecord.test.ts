import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { adoptRecord } from "../../src/verification/AdoptRecord.ts"
import { RECORD_FILE } from "../../src/store/RecordStore.ts"
import { recorded } from "../fakes/recorded.ts"

layer(NodeServices.layer, { excludeTestServices: true })("adoptRecord", (it) => {
  /** A record that is still to be taken in, in as many copies. */
  const incoming = Effect.fnUntraced(function* (copies: number) {
    const fs = yield* FileSystem.FileSystem
    const { record, workspace } = yield* recorded
    const home = join(workspace.raw, record.id)
    const folders = Array.from({ length: copies }, (_, at) => join(workspace.root, `incoming-${at}`, record.id))
    for (const folder of folders) {
      yield* fs.makeDirectory(join(folder, ".."))
      yield* fs.copy(home, folder)
    }
    yield* fs.remove(home, { recursive: true })
    return { folders, fs, home, record, workspace }
  })

  it.effect("takes a record in once, though several programs bring it at the same time", () =>
    Effect.gen(function* () {
      const { folders, fs, home, record, workspace } = yield* incoming(4)
      const ids = yield* Effect.forEach(folders, (folder) => adoptRecord(workspace, folder), { concurrency: 4 })
      assert.deepStrictEqual(ids, Array(4).fill(record.id))
      assert.isTrue(yield* fs.exists(join(home, RECORD_FILE)))
      // What was there stayed: nobody found it missing.
      assert.lengthOf(yield* Effect.filter(folders, (folder) => fs.exists(folder)), 3)
    }),
  )

  it.effect("refuses what is no ordinary file, and takes nothing of it in", () =>
    Effect.gen(function* () {
      const { folders, fs, home, workspace } = yield* incoming(3)
      const [link, pipe, below] = folders as [string, string, string]
      yield* fs.symlink("/etc/hostname", join(link, "notes.txt"))
      execFileSync("mkfifo", [join(pipe, "engine.1.log")])
      yield* fs.makeDirectory(join(below, "more"))
      yield* fs.symlink("..", join(below, "more", "up"))
      const says = [/notes\.txt is a link/, /engine\.1\.log is a named pipe/, /more\/up is a link/]
      for (const [at, folder] of folders.entries()) {
        const refused = yield* Effect.flip(adoptRecord(workspace, folder))
        assert.match(refused.message, says[at]!)
        assert.isFalse(yield* fs.exists(home))
      }
    }),
  )

  it.effect("takes a record in where an interrupted run of its id is", () =>
    Effect.gen(function* () {
      const { folders, fs, home, record, workspace } = yield* incoming(1)
      yield* fs.makeDirectory(home, { recursive: true })
      yield* fs.writeFileString(join(home, "samples.ndjson"), "")
      assert.strictEqual(yield* adoptRecord(workspace, folders[0]!), record.id)
      assert.isTrue(yield* fs.exists(join(home, RECORD_FILE)))
    }),
  )
})
