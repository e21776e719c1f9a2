import { partialPath } from "@rigbook/core/engine"
import { Effect, Fiber, FileSystem } from "effect"

/**
 * Writes a file so that readers see the old text or the new one, never a part. A text in parts is never joined in
 * memory; no part may end within a character. Fails with `PlatformError`.
 */
export const writeAtomically = Effect.fn("WriteAtomically.writeAtomically")(function* (
  path: string,
  content: string | Uint8Array | Iterable<string | Uint8Array>,
) {
  const fs = yield* FileSystem.FileSystem
  const partial = partialPath(path)
  yield* write(partial, content).pipe(
    Effect.andThen(fs.rename(partial, path)),
    Effect.onError(() => Effect.ignore(fs.remove(partial, { force: true }))),
  )
})

const write = Effect.fnUntraced(function* (path: string, content: string | Uint8Array | Iterable<string | Uint8Array>) {
  const fs = yield* FileSystem.FileSystem
  if (typeof content === "string") return yield* fs.writeFileString(path, content)
  return yield* content instanceof Uint8Array ? fs.writeFile(path, content) : writeParts(path, content)
})

/** Bytes per write. */
const BUFFER = 2 ** 20

/**
 * All parts go through two buffers, one of which is written while the other is filled: allocating one for each would
 * take longer than to encode it.
 */
const writeParts = Effect.fnUntraced(function* (path: string, parts: Iterable<string | Uint8Array>) {
  const fs = yield* FileSystem.FileSystem
  const file = yield* fs.open(path, { flag: "w" })
  const encoder = new TextEncoder()
  const writeLater = (bytes: Uint8Array) => Effect.forkChild(file.writeAll(bytes), { startImmediately: true })
  let [buffer, other] = [new Uint8Array(BUFFER), new Uint8Array(BUFFER)]
  let used = 0
  let writing = yield* writeLater(buffer.subarray(0, used))
  for (const part of parts) {
    if (typeof part !== "string") {
      yield* Fiber.join(writing)
      yield* file.writeAll(buffer.subarray(0, used))
      writing = yield* writeLater(part)
      used = 0
      continue
    }
    let rest = part
    while (true) {
      const { read, written } = encoder.encodeInto(rest, buffer.subarray(used))
      used += written
      if (read === rest.length) break
      rest = rest.slice(read)
      yield* Fiber.join(writing)
      writing = yield* writeLater(buffer.subarray(0, used))
      ;[buffer, other, used] = [other, buffer, 0]
    }
  }
  yield* Fiber.join(writing)
  yield* file.writeAll(buffer.subarray(0, used))
}, Effect.scoped)
