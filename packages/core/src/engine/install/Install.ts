import { Clock, Effect, FileSystem, Option, type PlatformError, Schema } from "effect"
import { basename, dirname, join } from "node:path"
import type { Exit } from "../../Failing.ts"
import { partialPath, removeLeftovers, writerState } from "../files/Partial.ts"

/** A runtime or a model could not be installed. */
export class SetupError extends Schema.TaggedError<SetupError>()("SetupError", {
  what: Schema.NonEmptyString,
  detail: Schema.NonEmptyString,
  fix: Schema.NonEmptyString,
  logTail: Schema.Array(Schema.String),
}) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return `${this.what}: ${this.detail} ${this.fix}`
  }
}

/**
 * Fills `folder` once: `fill` works in a folder beside it that takes its name only on success, so
 * that an existing folder is always complete. Two at once do the work twice, and one of them wins. Fails as `fill`
 * does, and with `PlatformError` if the folder can't be created.
 */
export const installOnce = <E, R>(
  folder: string,
  fill: (partial: string) => Effect.Effect<void, E, R>,
): Effect.Effect<void, E | PlatformError.PlatformError, R | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    if (yield* fs.exists(folder)) return
    yield* fs.makeDirectory(dirname(folder), { recursive: true })
    yield* Effect.andThen(removeLeftovers(dirname(folder)), removeOld(folder))
    const partial = partialPath(folder)
    yield* fill(partial).pipe(
      Effect.andThen(
        fs.rename(partial, folder).pipe(
          // Another process was faster: its folder is as good.
          Effect.catchIf(
            () => true,
            (error) => Effect.flatMap(fs.exists(folder), (there) => (there ? Effect.void : Effect.fail(error))),
          ),
        ),
      ),
      Effect.ensuring(Effect.ignore(fs.remove(partial, { recursive: true, force: true }))),
    )
  })

const A_DAY_MS = 86_400_000

/**
 * What a process of another machine, or one whose name is not known, left incomplete: filling a folder never takes a day.
 */
const removeOld = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const siblings = yield* fs.readDirectory(dirname(folder))
  const now = yield* Clock.currentTimeMillis
  for (const name of siblings) {
    if (!name.startsWith(`${basename(folder)}.partial-`) || writerState(name) === "running") continue
    const path = join(dirname(folder), name)
    const stat = yield* Effect.option(fs.stat(path)) // it may just get its name
    const changed = Option.getOrUndefined(Option.flatMap(stat, ({ mtime }) => mtime))?.getTime() ?? now
    if (now - changed > A_DAY_MS) yield* Effect.ignore(fs.remove(path, { recursive: true, force: true }))
  }
})
