import { Effect, Fiber, Queue, Scope, Stream, type PlatformError } from "effect"
import { ChildProcess, type ChildProcessSpawner } from "effect/process"
import { logWriter, makeLog } from "./EngineOutput.ts"
import { guarded, guardEnvironment } from "./Guard.ts"
import { openKernelLog } from "./KernelLog.ts"
import { memoryShortage } from "./MemoryShortage.ts"
import { oomKills } from "./OomKills.ts"

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

/** A running engine, until its scope closes. */
export interface EngineProcess {
  /** The guard's process id, and the id of the engine's process group. */
  readonly pid: number
  /** The process id of the command that the guard started; `undefined` for the first milliseconds. */
  readonly commandPid: () => number | undefined
  /** Waits for the end of the engine: its exit code, or 128 + the signal's number. */
  readonly exited: Effect.Effect<number>
  /** The last lines of output so far. */
  readonly logTail: () => ReadonlyArray<string>
  /** The first 4 MiB of output: engines report their placement in it. */
  readonly log: () => string
  /** The lines of that, and the last ones: engines report in them why they end. */
  readonly logLines: () => ReadonlyArray<string>
  /**
   * Whether the command, or one of the processes that it has started (`pids`), ended with `exitCode` because memory ran
   * out, as the kernel reports: see `memoryShortage`.
   */
  readonly memoryShortage: (exitCode: number, pids?: ReadonlyArray<number>) => Effect.Effect<string | undefined>
  readonly sendLine: (line: string) => Effect.Effect<void>
  /** Lines from the channel. To be consumed once. */
  readonly receivedLines: Stream.Stream<string>
}

/**
 * Starts an engine whose whole process group lives no longer than the scope, nor than this process. Output
 * is always drained. Fails with `PlatformError` if the program can't be started.
 */
export const engineProcess: (
  spec: EngineProcessSpec,
) => Effect.Effect<EngineProcess, PlatformError.PlatformError, ChildProcessSpawner.ChildProcessSpawner | Scope.Scope> =
  Effect.fn("EngineProcess.engineProcess")(function* (spec) {
    const file = yield* logWriter(spec.logFile)
    const outbox = yield* Queue.unbounded<string>()
    // Made before the process, so that it closes after it: the output is drained until the engine has ended.
    const drainScope = yield* Scope.fork(yield* Effect.scope)
    const kernelLog = yield* openKernelLog
    const killsBefore = oomKills()
    const { args, command } = guarded(spec.command, spec.args)
    const handle = yield* ChildProcess.make(command, args, {
      env: { ...spec.env, ...guardEnvironment() },
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      stdin: { stream: "pipe" },
      forceKillAfter: "3 seconds",
      additionalFds: {
        fd3: { type: "output" },
        ...(spec.channel === true
          ? {
              fd4: {
                type: "input",
                stream: Stream.fromQueue(outbox).pipe(
                  Stream.map((line) => `${line}\n`),
                  Stream.encodeText,
                ),
              },
              fd5: { type: "output" },
            }
          : {}),
      },
    })
    let commandPid: number | undefined
    const reported = yield* lines(handle.getOutputFd(3)).pipe(
      Stream.runForEach((line) => Effect.sync(() => void (commandPid = Number(line)))),
      Effect.forkIn(drainScope, { startImmediately: true }),
    )
    const log = makeLog(file)
    const drained = yield* handle.all.pipe(
      Stream.decodeText(),
      Stream.runForEach((text) => Effect.sync(() => log.add(text))),
      Effect.ignore,
      // Immediately: Node drops events without a listener when a process ends, and an engine may end in milliseconds.
      Effect.forkIn(drainScope, { startImmediately: true }),
    )
    yield* Scope.addFinalizer(drainScope, Fiber.await(drained).pipe(Effect.timeoutOption("1 second")))
    return {
      pid: handle.pid,
      commandPid: () => commandPid,
      // The streams close a moment after the process: waiting for them keeps its last lines.
      exited: handle.exitCode.pipe(
        Effect.map(Number),
        Effect.orElseSucceed(() => 128),
        Effect.tap(() => Fiber.await(drained).pipe(Effect.timeoutOption("1 second"))),
      ),
      log: log.head,
      logTail: log.tail,
      logLines: log.lines,
      memoryShortage: Effect.fnUntraced(function* (exitCode, pids = []) {
        yield* Fiber.await(reported).pipe(Effect.timeoutOption("1 second"))
        const kernel = yield* kernelLog
        const own = commandPid === undefined ? pids : [commandPid, ...pids]
        return memoryShortage({ exitCode, pids: own, kernel, oomKills: { before: killsBefore, now: oomKills() } })
      }),
      sendLine: (line) => Effect.asVoid(Queue.offer(outbox, line)),
      receivedLines: spec.channel === true ? lines(handle.getOutputFd(5)) : Stream.empty,
    }
  })

const lines = (bytes: Stream.Stream<Uint8Array, PlatformError.PlatformError>): Stream.Stream<string> =>
  bytes.pipe(
    Stream.decodeText(),
    Stream.splitLines,
    Stream.catchCause(() => Stream.empty),
  )
