import { FILE_LIMITS, readTextIfAny } from "@rigbook/core"
import { Effect, FileSystem, Option, Schema } from "effect"
import { join } from "node:path"
import { type Before, endingOf, unitFolder } from "./UnitFolder.ts"

/** The identities of a unit's cells: all that is read of it, so that units of other versions count, too. */
const Identities = Schema.Struct({
  cells: Schema.Array(
    Schema.Struct({ order: Schema.Struct({ spec: Schema.Struct({ identity: Schema.NonEmptyString }) }) }),
  ),
})
const decodeUnit = Schema.decodeOption(Schema.fromJsonString(Identities))

/**
 * Folders of units that have ended, by the identities of their cells as ordered, the latest first: what they measured is
 * reused and resumed by later units of the same cells.
 */
export const earlierUnits = Effect.fn("Earlier.earlierUnits")(function* (raw: string) {
  const fs = yield* FileSystem.FileSystem
  const names = yield* Effect.orElseSucceed(
    fs.readDirectory(join(raw, "..", ".units")),
    (): ReadonlyArray<string> => [],
  )
  const found = yield* Effect.forEach(names, (name) =>
    Effect.gen(function* () {
      const folder = unitFolder(raw, name)
      const ending = yield* endingOf(folder)
      if (ending === undefined) return []
      const text = yield* Effect.orDie(readTextIfAny(join(folder.path, "unit.json"), FILE_LIMITS.record))
      const cells = Option.match(Option.flatMap(Option.fromUndefinedOr(text), decodeUnit), {
        onNone: () => [],
        onSome: (unit) => unit.cells.map(({ order }) => order.spec.identity),
      })
      const at = Option.getOrElse(
        (yield* Effect.orDie(fs.stat(join(folder.path, "ending.json")))).mtime,
        () => new Date(0),
      )
      return cells.map((cell) => ({ cell, folder, isLost: ending.outcome === "lost", at: at.getTime() }))
    }),
  )
  return Map.groupBy(
    found.flat().toSorted((a, b) => b.at - a.at),
    ({ cell }) => cell,
  ) as ReadonlyMap<string, ReadonlyArray<Before>>
})
