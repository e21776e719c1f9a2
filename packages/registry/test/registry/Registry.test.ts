import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { CPU } from "@rigbook/core"
import { Placement } from "@rigbook/core"
import type { Registry } from "@rigbook/core"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { fakeRecord } from "../../../records/test/fakes/records.ts"
import { put } from "../../../records/test/fakes/workspace.ts"
import { scenario } from "../../../testkit/src/FakeCell.ts"
import { gpuId } from "../../../testkit/src/FakeHosts.ts"
import { readNotes } from "../../src/registry/ReadNotes.ts"
import { makeRegistry } from "../../src/registry/Registry.ts"

const batch = (documents: number, batchSize = 8) => ({
  task: "embed" as const,
  scenario: scenario({ kind: "batch", prompts: "fake-prompts", documents, batchSize }),
})
const config = (id: string, name = id) => ({ config: { id, name, path: `models/configs/${id}.yaml` } })

const RECORDS = [
  fakeRecord(1),
  fakeRecord(2),
  fakeRecord(2, {}, "-2"),
  fakeRecord(0, config("fake-model", "Old name")),
  fakeRecord(3, { placement: new Placement({ strategy: "single", devices: [gpuId(0)] }) }),
  fakeRecord(4, { backend: "another" }),
  fakeRecord(5, { ...config("embedder"), ...batch(1000) }),
  fakeRecord(6, { ...config("embedder"), ...batch(64) }),
  fakeRecord(7, { ...config("embedder"), ...batch(64, 16) }),
  fakeRecord(7, { ...config("embedder"), ...batch(64, 32) }),
]
const NOTES = [
  { model: "unmeasured", path: "models/notes/unmeasured.md", text: "To be tried." },
  { model: "fake-model", path: "models/notes/fake-model.md", text: "Good at nothing." },
]
const idsOf = (registry: Registry) =>
  registry.entries.map(({ id, records }) => [id, ...records.map((record) => record.id)])

describe("makeRegistry", () => {
  const registry = makeRegistry(RECORDS, NOTES)

  it("has an entry for each model, measured or only written about", () => {
    assert.deepStrictEqual(
      registry.entries.map(({ id, name }) => [id, name]),
      [
        ["embedder", "embedder"],
        ["fake-model", "Fake model"],
        ["unmeasured", "unmeasured"],
      ],
    )
    assert.deepStrictEqual(
      registry.entries.map(({ notes }) => notes.map(({ text }) => text)),
      [[], ["Good at nothing."], ["To be tried."]],
    )
    assert.strictEqual(registry.updatedAt, "2026-01-01T01:00:07.000Z")
  })

  it("keeps the latest record of each cell, and counts what it replaced", () => {
    const { records, superseded } = registry.entries[1]!
    assert.strictEqual(superseded, 3)
    assert.deepStrictEqual(
      records.map(({ cell, id, startedAt }) => [
        cell.backend,
        String(cell.placement.devices[0]),
        startedAt.slice(17, 19),
        id.endsWith("-2"),
      ]),
      [
        ["another", String(CPU), "04", false],
        ["fake", String(gpuId(0)), "03", false],
        ["fake", String(CPU), "02", true],
      ],
    )
  })

  it("orders batches by their documents, as numbers", () => {
    const sizes = registry.entries[0]!.records.map(
      ({ cell: { scenario: requested } }) => requested.kind === "batch" && requested.documents,
    )
    assert.deepStrictEqual(sizes, [64, 64, 64, 1000])
  })

  const Keys = Schema.Array(Schema.Int).check(Schema.isMinLength(RECORDS.length), Schema.isMaxLength(RECORDS.length))
  it.prop("does not depend on the order of the records", { keys: Keys }, ({ keys }) => {
    const shuffled = RECORDS.map((record, index) => ({ record, key: keys[index]! })).toSorted((a, b) => a.key - b.key)
    const again = makeRegistry(
      shuffled.map(({ record }) => record),
      NOTES.toReversed(),
    )
    assert.deepStrictEqual(idsOf(again), idsOf(registry))
    assert.deepStrictEqual(again, registry)
  })

  it("is empty without anything", () => {
    assert.deepStrictEqual(makeRegistry([], []), {
      entries: [],
      equivalences: [],
      imported: [],
      rules: undefined,
      recommendations: [],
      planned: [],
      nextSteps: [],
      stale: new Map(),
      reports: new Set<string>(),
      updatedAt: undefined,
    })
  })
})

layer(NodeServices.layer)("readNotes", (it) => {
  it.effect("reads the markdown files of a folder", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      assert.deepStrictEqual(yield* readNotes(join(folder, "absent")), { notes: [], issues: [] })
      yield* put(join(folder, "b.md"), "# B\r\n\n  kept as it is  \n")
      yield* put(join(folder, "a.v2.md"), "")
      yield* put(join(folder, "b.md~"), "a backup")
      yield* put(join(folder, "README.md"), "How to write notes.")
      assert.deepStrictEqual((yield* readNotes(folder)).notes, [
        { model: "a.v2", path: "models/notes/a.v2.md", text: "" },
        { model: "b", path: "models/notes/b.md", text: "# B\n\n  kept as it is  \n" },
      ])
    }),
  )
})
