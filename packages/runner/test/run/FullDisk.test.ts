import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { readRecords, unfinishedFolders } from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { systemError } from "effect/PlatformError"
import { join } from "node:path"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { JOURNAL_FILE } from "../../../records/src/journal/Journal.ts"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { fakeLog } from "../../../testkit/src/FakeBackend.ts"
import { fakeCell, protocol } from "../../../testkit/src/FakeCell.ts"
import { run } from "../../src/run/Run.ts"

/** A disk that becomes full in the middle of a journal's line, or a file that becomes as large as it may be. */
const fullAfter = (fs: FileSystem.FileSystem, lines: number, code: string): FileSystem.FileSystem => {
  let written = 0
  return {
    ...fs,
    writeFileString: (path, text, options) =>
      !path.endsWith(JOURNAL_FILE) || written++ < lines
        ? fs.writeFileString(path, text, options)
        : Effect.andThen(
            fs.writeFileString(path, text.slice(0, text.length / 2), options),
            systemError({
              _tag: "Unknown",
              module: "FileSystem",
              method: "writeFile",
              pathOrDescriptor: path,
              cause: Object.assign(new Error("no room"), { code }),
            }),
          ),
  }
}

layer(NodeServices.layer, { excludeTestServices: true })("a disk that becomes full", (it) => {
  it.effect.each([
    ["ENOSPC", "The disk is full: "],
    ["EFBIG", "A file may not be that large: "],
  ] as const)("ends the run, keeps what was measured, and lets it resume (%s)", ([code, says]) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const workspace = yield* fakeWorkspace()
      const other = fakeLog()
      const cell = () => fakeCell({}, { protocol: protocol({ warmup: 1, trials: 4 }) })
      const config = { id: "other", name: "Other", path: "models/configs/other.yaml" }
      const running = hurried(run([cell(), fakeCell({}, { config }, other)], { workspace }))
      const error = yield* Effect.flip(Effect.provideService(running, FileSystem.FileSystem, fullAfter(fs, 5, code)))
      assert.include(error.message, says)
      assert.include(error.message, JOURNAL_FILE)
      assert.strictEqual(other.opened, 0, "the next cell is not begun on a full disk")
      const [folder] = yield* unfinishedFolders(workspace.raw)
      const kept = yield* fs.readFileString(join(folder!, JOURNAL_FILE))
      assert.isTrue(kept.endsWith("}\n"))
      assert.include(kept, '"phase":"measured"')
      const [record] = yield* hurried(run([cell()], { workspace }))
      assert.isTrue((yield* fs.readFileString(join(folder!, JOURNAL_FILE))).startsWith(kept))
      assert.strictEqual(record!.samples.measured, 4)
      assert.lengthOf((yield* readRecords(workspace.raw)).records, 1)
    }),
  )
})
