import { Effect, PlatformError, type Scope } from "effect"
import { createWriteStream, type WriteStream } from "node:fs"

const TAIL_LINES = 60
/** Engines report their settings first: this much is kept in memory. */
const HEAD_LIMIT = 4 * 2 ** 20
const FILE_LIMIT = 32 * 2 ** 20
/** An engine may draw its progress in one line without end. */
const LINE_LIMIT = 8192

/** Keeps the beginning and the last lines of what is added, and writes all up to a limit to a file. */
export const makeLog = (file: WriteStream) => {
  let head = ""
  let tail: ReadonlyArray<string> = [""]
  let size = 0
  const lastLines = (): ReadonlyArray<string> => tail.join("\n").trimEnd().split("\n").slice(-TAIL_LINES)
  return {
    add: (text: string): void => {
      if (head.length < HEAD_LIMIT) head += text
      // The last line may be incomplete: the next piece is appended to it.
      tail = `${tail.join("\n")}${text}`
        .split("\n")
        .slice(-TAIL_LINES - 1)
        .map((line) => (line.length > LINE_LIMIT ? line.slice(-LINE_LIMIT) : line))
      if (size >= FILE_LIMIT) return
      size += text.length
      file.write(size >= FILE_LIMIT ? `${text}\n[the rest was not kept]\n` : text)
    },
    head: (): string => head,
    tail: lastLines,
    lines: (): ReadonlyArray<string> => [...head.split("\n"), ...(head.length < HEAD_LIMIT ? [] : lastLines())],
  }
}

/** A log file that is open before the engine starts: no engine runs whose output would be lost. */
export const logWriter = (path: string): Effect.Effect<WriteStream, PlatformError.PlatformError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback((resume) => {
      const stream = createWriteStream(path)
      stream.once("open", () => resume(Effect.succeed(stream)))
      // This handler stays: a disk that fills up later loses the log, but does not end this process.
      stream.on("error", (cause) =>
        resume(
          Effect.fail(
            PlatformError.badArgument({
              module: "EngineProcess",
              method: "logWriter",
              description: cause.message,
              cause,
            }),
          ),
        ),
      )
    }),
    (stream) => Effect.callback<void>((resume) => void stream.end(() => resume(Effect.void))),
  )
