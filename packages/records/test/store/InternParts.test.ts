import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { internParts } from "../../src/store/InternParts.ts"
import { decodeRecord, recordText } from "../../src/store/RecordStore.ts"
import { fakeRecord } from "../fakes/records.ts"

/** As its file brings it: with nothing that another record has. */
const fromFile = (record: ReturnType<typeof fakeRecord>) => Effect.flatMap(recordText(record), decodeRecord)

describe("internParts", () => {
  it.effect("gives records the one host and the one definition that they all report", () =>
    Effect.gen(function* () {
      const intern = internParts()
      const first = intern(yield* fromFile(fakeRecord(1)))
      const read = yield* fromFile(fakeRecord(2))
      assert.notStrictEqual(read.cell.host, first.cell.host)
      const { cell, environment } = intern(read)
      assert.strictEqual(cell.host, first.cell.host)
      assert.strictEqual(cell.model, first.cell.model)
      assert.strictEqual(environment, first.environment)
    }),
  )

  it.effect("changes nothing that a record says", () =>
    Effect.gen(function* () {
      const intern = internParts()
      // The same words as another part has.
      const options = JSON.parse(JSON.stringify(fakeRecord(1).cell.model))
      const changes = [{}, { options }, { backend: "another" }, { license: "MIT" }]
      for (const [second, change] of changes.entries()) {
        const record = yield* fromFile(fakeRecord(second, change))
        assert.deepStrictEqual(intern(yield* fromFile(fakeRecord(second, change))), record)
      }
    }),
  )
})
