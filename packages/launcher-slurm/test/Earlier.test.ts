import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { type LaunchUnit, makeUnit, nextAttempt } from "@rigbook/core"
import { CLAIM_FILE } from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { fakeSpec } from "../../testkit/src/FakeCell.ts"
import { earlierUnits } from "../src/Earlier.ts"
import { type Ending, keepEnding, prepare, unitFolder } from "../src/UnitFolder.ts"

const unitOf = (model: string, day: number): LaunchUnit => {
  const spec = fakeSpec({ options: { model } })
  const order = { schema: 1, spec, requested: "cpu", identity: "own", until: 2, fresh: false } as const
  const shape = { nodes: 1, gpus: 0, seconds: 60 }
  return makeUnit({ startedAt: `2026-01-0${day}T00:00:00Z`, attempt: 1, rounds: 1, shape, cells: [{ order }] })
}

layer(NodeServices.layer)("what earlier units have measured", (it) => {
  const files = Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const raw = join(yield* fs.makeTempDirectoryScoped(), "raw")
    /** Records as a unit has left them: those of a name that ends in `+` are complete. */
    const left = Effect.fnUntraced(function* (
      unit: LaunchUnit,
      ending: Ending | undefined,
      records: ReadonlyArray<string>,
    ) {
      const folder = unitFolder(raw, unit.name)
      yield* prepare(folder, unit, "", [])
      for (const record of records) {
        yield* fs.makeDirectory(join(folder.records, record))
        yield* fs.writeFileString(join(folder.records, record, "samples.ndjson"), unit.name)
        yield* fs.writeFileString(join(folder.records, record, CLAIM_FILE), "")
        if (record.endsWith("+")) yield* fs.writeFileString(join(folder.records, record, "record.json"), "{}")
      }
      if (ending !== undefined) yield* keepEnding(folder, ending)
      return folder
    })
    const taken = Effect.fnUntraced(function* (unit: LaunchUnit) {
      const folder = unitFolder(raw, unit.name)
      const [{ order }] = unit.cells
      yield* prepare(folder, unit, "", (yield* earlierUnits(raw)).get(order.spec.identity) ?? [])
      return { folder, records: (yield* fs.readDirectory(folder.records)).toSorted() }
    })
    return { fs, left, taken }
  })

  it.effect(
    "is taken over by a later unit of the same cell: of stopped ones all, of lost ones what is incomplete",
    () =>
      Effect.gen(function* () {
        const { fs, left, taken } = yield* files
        yield* left(unitOf("a", 1), { outcome: "cancelled" }, ["stopped", "complete+"])
        yield* left(nextAttempt(unitOf("a", 2)), { outcome: "lost" }, ["cut", "late+"])
        yield* left(unitOf("a", 3), undefined, ["running"])
        yield* left(unitOf("b", 1), { outcome: "cancelled" }, ["another"])
        const { folder, records } = yield* taken(unitOf("a", 4))
        assert.deepStrictEqual(records, ["complete+", "cut", "stopped"])
        assert.deepStrictEqual(yield* fs.readDirectory(join(folder.records, "stopped")), ["samples.ndjson"])
      }).pipe(Effect.scoped),
  )

  it.effect("counts once where a record was taken over before: the latest copy", () =>
    Effect.gen(function* () {
      const { fs, left, taken } = yield* files
      const [first, second] = [unitOf("a", 1), unitOf("a", 2)]
      for (const [unit, seconds] of [
        [first, 1],
        [second, 2],
      ] as const) {
        const folder = yield* left(unit, { outcome: "stopped" }, ["same"])
        yield* fs.utimes(join(folder.path, "ending.json"), seconds, seconds)
      }
      const { folder } = yield* taken(unitOf("a", 3))
      assert.strictEqual(yield* fs.readFileString(join(folder.records, "same/samples.ndjson")), second.name)
    }).pipe(Effect.scoped),
  )
})
