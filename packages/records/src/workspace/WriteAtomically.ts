import { partialPath } from "@rigbook/core/engine"
import { Effect, Fiber, FileSystem } from "effect"

/**
 * Writes a file so that readers see the old text or the new one, never a part. A text in parts is never joined in
 * memory; no part may end within a character. Fails with `PlatformError`.
 */
export const writeAtomically = Effect.fn("WriteAtomically.writeAtomically")(function* (
  path: string,
  text: string | Iterable<string>,
) {
  const fs = yield* FileSystem.FileSystem
  const partial = partialPath(path)
  const write = typeof text === "string" ? fs.writeFileString(partial, text) : writeParts(partial, text)
  yield* write.pipe(
    Effect.andThen(fs.rename(partial, path)),
    Effect.onError(() => Effect.ignore(fs.remove(partial, { force: true }))),
  )
})

/** Bytes per write. */
const BUFFER = 2 ** 20

/**
 * All parts go through two buffers, one of which is written while the other is filled: allocating one for each would
 * take longer than to encode it.
 */
const writeParts = Effect.fnUntraced(function* (path: string, parts: Iterable<string>) {
  const fs = yield* FileSystem.FileSystem
  const file = yield* fs.open(path, { flag: "w" })
  const encoder = new TextEncoder()
  const write = (bytes: Uint8Array) => Effect.forkChild(file.writeAll(bytes), { startImmediately: true })
  let [buffer, other] = [new Uint8Array(BUFFER), new Uint8Array(BUFFER)]
  let used = 0
  let writing = yield* write(buffer.subarray(0, used))
  for (const part of parts) {
    let rest = part
    while (true) {
      const { read, written } = encoder.encodeInto(rest, buffer.subarray(used))
      used += written
      if (read === rest.length) break
      rest = rest.slice(read)
      yield* Fiber.join(writing)
      writing = yield* write(buffer.subarray(0, used))
      ;[buffer, other, used] = [other, buffer, 0]
    }
  }
  yield* Fiber.join(writing)
  yield* file.writeAll(buffer.subarray(0, used))
}, Effect.scoped)
