import { Effect, Fiber, PlatformError, Queue, Scope, Stream } from "effect"
import { ChildProcess, type ChildProcessSpawner } from "effect/process"
import { type WriteStream, createWriteStream } from "node:fs"
import { GUARD_GRACE, guarded } from "./Guard.ts"

const TAIL_LINES = 60
/** What engines tell of themselves comes first: that much is kept in memory. */
const HEAD_LIMIT = 4 * 2 ** 20
const FILE_LIMIT = 32 * 2 ** 20

/** How an engine is started: without a shell. */
export interface EngineProcessSpec {
  readonly command: string
  readonly args: ReadonlyArray<string>
  /** The whole environment of the engine; see `scrubbedEnvironment`. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** File that all output goes to, up to 32 MiB. */
  readonly logFile: string
  /** Open a channel of lines on file descriptors 4 (to the engine) and 5 (from it). */
  readonly channel?: boolean
}

/** An engine that runs, until its scope closes. */
export interface EngineProcess {
  /** The guard's process id, and the id of the engine's process group. */
  readonly pid: number
  /** Waits for the end of the engine: its exit code, or 128 + the signal's number. */
  readonly exited: Effect.Effect<number>
  /** The last lines of output so far. */
  readonly logTail: () => ReadonlyArray<string>
  /** The first 4 MiB of output: engines tell their placement in it. */
  readonly log: () => string
  readonly sendLine: (line: string) => Effect.Effect<void>
  /** Lines that came over the channel. To be consumed once. */
  readonly receivedLines: Stream.Stream<string>
}

/**
 * Starts an engine whose whole process group lives no longer than the scope, nor than this process. Output
 * is always drained. Fails with `PlatformError` where the program can't be started.
 */
export const engineProcess: (
  spec: EngineProcessSpec,
) => Effect.Effect<EngineProcess, PlatformError.PlatformError, ChildProcessSpawner.ChildProcessSpawner | Scope.Scope> =
  Effect.fn("EngineProcess.engineProcess")(function* (spec) {
    const file = yield* logWriter(spec.logFile)
    const outbox = yield* Queue.unbounded<string>()
    // Made before the process, so that it closes after it: the output is drained until the engine has ended.
    const drainScope = yield* Scope.fork(yield* Effect.scope)
    const { args, command } = guarded(spec.command, spec.args)
    const handle = yield* ChildProcess.make(command, args, {
      env: { ...spec.env, ...GUARD_GRACE },
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      stdin: { stream: "pipe" },
      forceKillAfter: "3 seconds",
      ...(spec.channel === true
        ? {
            additionalFds: {
              fd4: {
                type: "input",
                stream: Stream.fromQueue(outbox).pipe(
                  Stream.map((line) => `${line}\n`),
                  Stream.encodeText,
                ),
              },
              fd5: { type: "output" },
            },
          }
        : {}),
    })
    const log = makeLog(file)
    const drained = yield* handle.all.pipe(
      Stream.decodeText(),
      Stream.runForEach((text) => Effect.sync(() => log.add(text))),
      Effect.ignore,
      // At once: Node throws away what nobody listens for when a process ends, and an engine may end in milliseconds.
      Effect.forkIn(drainScope, { startImmediately: true }),
    )
    yield* Scope.addFinalizer(drainScope, Fiber.await(drained).pipe(Effect.timeoutOption("1 second")))
    return {
      pid: handle.pid,
      // The streams close a moment after the process: waiting for them keeps its last words.
      exited: handle.exitCode.pipe(
        Effect.map(Number),
        Effect.orElseSucceed(() => 128),
        Effect.tap(() => Fiber.await(drained).pipe(Effect.timeoutOption("1 second"))),
      ),
      log: log.head,
      logTail: log.tail,
      sendLine: (line) => Effect.asVoid(Queue.offer(outbox, line)),
      receivedLines: spec.channel === true ? lines(handle.getOutputFd(5)) : Stream.empty,
    }
  })

/** Keeps the beginning and the last lines of what is added, and writes all up to a limit to a file. */
const makeLog = (file: WriteStream) => {
  let head = ""
  let tail: ReadonlyArray<string> = [""]
  let size = 0
  return {
    add: (text: string): void => {
      if (head.length < HEAD_LIMIT) head += text
      // The last line may still be growing: the next piece is joined to it.
      tail = `${tail.join("\n")}${text}`.split("\n").slice(-TAIL_LINES - 1)
      if (size >= FILE_LIMIT) return
      size += text.length
      file.write(size >= FILE_LIMIT ? `${text}\n[the rest was not kept]\n` : text)
    },
    head: (): string => head,
    tail: (): ReadonlyArray<string> => tail.join("\n").trimEnd().split("\n").slice(-TAIL_LINES),
  }
}

/** A log file that is open before the engine starts: no engine runs whose words would be lost. */
const logWriter = (path: string): Effect.Effect<WriteStream, PlatformError.PlatformError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback((resume) => {
      const stream = createWriteStream(path)
      stream.once("open", () => resume(Effect.succeed(stream)))
      // Stays for good: a disk that fills up later costs the log, not this process.
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

const lines = (bytes: Stream.Stream<Uint8Array, PlatformError.PlatformError>): Stream.Stream<string> =>
  bytes.pipe(
    Stream.decodeText(),
    Stream.splitLines,
    Stream.catchCause(() => Stream.empty),
  )
