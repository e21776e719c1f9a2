import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { makeUnit, nextAttempt } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { fakeSpec } from "../../testkit/src/FakeCell.ts"
import { keepCollected, tidyUnits } from "../src/Tidy.ts"
import { type Ending, keepEnding, prepare, unitFolder } from "../src/UnitFolder.ts"

const unitOf = (model: string) => {
  const order = {
    schema: 1,
    spec: fakeSpec({ options: { model } }),
    requested: "cpu",
    identity: "own",
    until: 2,
    fresh: false,
  } as const
  const shape = { nodes: 1, gpus: 0, seconds: 60 }
  return makeUnit({ startedAt: "2026-01-01T00:00:00Z", attempt: 1, rounds: 1, shape, cells: [{ order }] })
}

layer(NodeServices.layer)("folders of units", (it) => {
  it.effect(
    "are removed once collected, with earlier attempts; what is kept, runs, may still be written or has trials without a record stays",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const raw = join(yield* fs.makeTempDirectoryScoped(), "raw")
        yield* tidyUnits(raw, new Set()) // there are none
        const left = Effect.fnUntraced(function* (
          unit: ReturnType<typeof unitOf>,
          outcome: Ending["outcome"] | undefined,
          isCollected: boolean,
        ) {
          const folder = unitFolder(raw, unit.name)
          yield* prepare(folder, unit, "", [])
          if (outcome !== undefined) yield* keepEnding(folder, { outcome })
          if (isCollected) yield* keepCollected(raw, folder)
          return unit.name
        })
        const [one, two, kept] = [unitOf("one"), unitOf("two"), unitOf("kept")]
        yield* left(one, "stopped", false)
        yield* left(nextAttempt(one), "done", true)
        const lost = yield* left(two, "lost", false)
        yield* left(nextAttempt(two), "done", true)
        const named = yield* left(kept, "done", true)
        const isMeasured = Effect.fnUntraced(function* (model: string, isHere: boolean) {
          const unit = unitOf(model)
          const record = join(unitFolder(raw, unit.name).records, `record-of-${model}`)
          yield* fs.makeDirectory(record, { recursive: true })
          if (isHere) yield* fs.makeDirectory(join(raw, `record-of-${model}`), { recursive: true })
          if (isHere) yield* fs.writeFileString(join(raw, `record-of-${model}`, "record.json"), "{}")
          return yield* left(unit, "done", true)
        })
        yield* isMeasured("whole", true)
        const others = [
          yield* isMeasured("trials without a record", false),
          yield* left(unitOf("failed"), "failed", false),
          yield* left(unitOf("runs"), undefined, false),
          yield* left(unitOf("refused"), "done", false),
        ]
        const names = Effect.map(fs.readDirectory(join(raw, "..", ".units")), (all) => all.toSorted())
        yield* tidyUnits(raw, new Set([named]))
        assert.deepStrictEqual(yield* names, [lost, named, ...others].toSorted())
        yield* tidyUnits(raw, new Set())
        assert.deepStrictEqual(yield* names, [lost, ...others].toSorted())
      }).pipe(Effect.scoped),
  )
})
