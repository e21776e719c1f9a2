import { FILE_LIMITS, readTextIfAny } from "@rigbook/core"
import { markText, ownMark, parseMark, stateOf } from "@rigbook/core/engine"
import { Effect, FileSystem, Option } from "effect"
import { join } from "node:path"

/** After so long another machine's program has ended: its commands take no longer. */
const ELSEWHERE_MS = 180_000
const POLL_MS = 100

const FILE = /^placing-(\d+)$/

/**
 * Carries out `effect` while no other program places the same unit: two that found no job would submit one each. The turn is
 * that of the file with the highest number; one whose program has ended is skipped by the next number, which the system gives to
 * one program alone.
 */
export const placing = <A, E, R>(path: string, effect: Effect.Effect<A, E, R>) => {
  const take = Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    yield* fs.makeDirectory(path, { recursive: true })
    const own = markText(ownMark())
    for (;;) {
      const names = yield* fs.readDirectory(path)
      const last = Math.max(0, ...names.map((name) => Number(FILE.exec(name)?.[1] ?? 0)))
      const isFree = last === 0 || (yield* hasEnded(fileOf(path, last)))
      if (isFree) {
        const file = fileOf(path, last + 1)
        const isTaken = yield* fs.writeFileString(file, own, { flag: "wx" }).pipe(
          Effect.as(true),
          Effect.catchIf(
            ({ reason }) => reason._tag === "AlreadyExists",
            () => Effect.succeed(false),
          ),
        )
        if (isTaken) return file
      }
      yield* Effect.sleep(POLL_MS)
    }
  })
  const give = (file: string) =>
    Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.orDie(fs.remove(file, { force: true })))
  const turn = Effect.acquireRelease(Effect.orDie(take), give, { interruptible: true })
  return Effect.scoped(Effect.andThen(turn, effect))
}

const fileOf = (path: string, number: number): string => join(path, `placing-${number}`)

/** Whether the program that a file names has ended. One that is gone was given back meanwhile: it is read again. */
const hasEnded = Effect.fnUntraced(function* (file: string) {
  const text = yield* readTextIfAny(file, FILE_LIMITS.small)
  if (text === undefined) return false
  const mark = parseMark(text)
  const state = mark === undefined ? "elsewhere" : stateOf(mark)
  if (state !== "elsewhere") return state === "ended"
  const fs = yield* FileSystem.FileSystem
  const stat = yield* Effect.option(fs.stat(file))
  const since = Option.flatMap(stat, ({ mtime }) => mtime)
  return Option.isSome(since) && Date.now() - since.value.getTime() > ELSEWHERE_MS
})
