import { Effect, FileSystem } from "effect"
import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { markText, ownMark, parseMark, stateOf } from "../process/ProcessMark.ts"

/**
 * Where something is written before it gets its name: beside it, and named by this process, so that what a killed
 * process left can be distinguished from what another one is writing.
 */
export const partialPath = (path: string): string =>
  `${path}.partial-${markText(ownMark())}~${randomUUID().slice(0, 8)}`

/** What became of the process that writes a file of such a name; `undefined` for another name. */
export const writerState = (name: string): ReturnType<typeof stateOf> | undefined => {
  const [, text = ""] = /\.partial-(.+?)~[0-9a-f]{8}(?:\.\w+)?$/.exec(name) ?? []
  const writer = parseMark(text)
  return writer && stateOf(writer)
}

/** Removes what processes that have ended left incomplete in a folder, as far as it may. */
export const removeLeftovers = Effect.fn("Partial.removeLeftovers")(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const names = yield* Effect.orElseSucceed(fs.readDirectory(folder), () => [])
  const left = names.filter((name) => writerState(name) === "ended")
  yield* Effect.forEach(
    left,
    (name) => Effect.ignore(fs.remove(join(folder, name), { recursive: true, force: true })),
    { discard: true },
  )
})
