import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { execFileSync } from "node:child_process"
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { JOURNAL_FILE } from "../../src/journal/Journal.ts"
import { TELEMETRY_FILE } from "../../src/journal/TelemetryFile.ts"
import { leftRuns } from "../../src/store/LeftRuns.ts"
import { BadRecord, readRecord, readRecords, RECORD_FILE } from "../../src/store/RecordStore.ts"
import { rederive } from "../../src/store/Rederive.ts"
import { recorded } from "../fakes/recorded.ts"

/** What may lie in the place of a file, and what is said of it. */
const SPECIAL: Readonly<Record<string, readonly [put: (path: string) => void, says: RegExp]>> = {
  "a pipe": [(path) => void execFileSync("mkfifo", [path]), /is a named pipe/],
  "an endless device": [(path) => symlinkSync("/dev/zero", path), /is a device/],
  "a folder": [(path) => mkdirSync(path), /is a folder/],
  "a link out of the workspace": [(path) => symlinkSync("/etc/hostname", path), /leads out of its workspace/],
  "a link to itself": [(path) => symlinkSync(path, path), /leads to itself/],
  "a file of a tebibyte": [
    (path) => {
      writeFileSync(path, "")
      truncateSync(path, 2 ** 40)
    },
    /has 1,099,511,627,776 bytes, but .* at most/,
  ],
  "JSON without end": [(path) => writeFileSync(path, `${"[".repeat(100_000)}\n`), /nested more than 128 deep/],
}

layer(NodeServices.layer, { excludeTestServices: true })("in the place of a record's files", (it) => {
  for (const [what, [put, says]] of Object.entries(SPECIAL))
    it.effect(`${what} is a finding of that record, which leaves all others alone`, () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { folder, record, verify, workspace } = yield* recorded
        const before = yield* fs.readFileString(join(folder, RECORD_FILE))
        const replaced = (file: string): void => {
          rmSync(join(folder, file), { recursive: true, force: true })
          put(join(folder, file))
        }
        replaced(JOURNAL_FILE)
        assert.match((yield* verify).findings.map(({ detail }) => detail).join("\n"), says)
        assert.match(JSON.stringify(yield* rederive(folder, { named: true })), says)
        assert.strictEqual((yield* readRecord(folder))?.id, record.id, "a record is read without its samples")

        replaced(RECORD_FILE)
        assert.match((yield* verify).findings[0]!.detail, says)
        const { broken, records } = yield* readRecords(workspace.raw)
        assert.deepStrictEqual(records, [])
        assert.instanceOf(broken[0], BadRecord)
        assert.match(broken[0]!.message, says)
        assert.deepStrictEqual(yield* leftRuns(workspace.raw), [])

        rmSync(join(folder, RECORD_FILE), { recursive: true })
        writeFileSync(join(folder, RECORD_FILE), before)
        assert.lengthOf((yield* readRecords(workspace.raw)).records, 1)
      }),
    )

  it.effect("telemetry that may not be read is a finding", () =>
    Effect.gen(function* () {
      const { folder, verify } = yield* recorded
      rmSync(join(folder, TELEMETRY_FILE), { force: true })
      execFileSync("mkfifo", [join(folder, TELEMETRY_FILE)])
      assert.deepInclude((yield* verify).findings[0], { detail: "the file is a named pipe, not an ordinary file" })
    }),
  )
})
