import { type AnyBackend, BackendError, type OpenInput, TimedOut } from "@rigbook/core"
import { Cause, Effect, Exit, Option } from "effect"
import { spawn } from "node:child_process"
import { createServer, type Server } from "node:net"
import type { FakeOptions } from "../src/index.ts"

const spawned: Array<number> = []
const servers: Array<Server> = []

/** Ends what is left of them. */
export const endAll = (): void => {
  for (const pid of spawned) process.kill(pid, "SIGKILL")
  for (const server of servers) server.close()
}

const started = (command: string, ...args: ReadonlyArray<string>) =>
  Effect.sync(() => {
    const { pid } = spawn(command, args, { stdio: "ignore" })
    spawned.push(pid!)
    return pid!
  })
/** A process that nobody ends. */
const stray = started("/bin/sleep", "600")
/** One that SIGTERM does not end. */
const deaf = started(process.execPath, "-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)")
const end = (pid: number) =>
  Effect.sync(() => {
    process.kill(pid, "SIGKILL")
    spawned.splice(spawned.indexOf(pid), 1)
  })

type Input = OpenInput<FakeOptions>

/** A backend that has a process while it opens, and forgets it where `forgets` says so. */
const opening =
  (forgets: (exit: Exit.Exit<unknown, BackendError>) => boolean) =>
  (backend: AnyBackend): AnyBackend["open"] =>
  (input: Input) =>
    Effect.flatMap(stray, (pid) =>
      Effect.andThen(Effect.sleep("100 millis"), backend.open(input)).pipe(
        Effect.timeoutOrElse({
          duration: input.openTimeoutMs,
          orElse: () => Effect.fail(new BackendError({ backend: "fake", reason: TIMED_OUT, logTail: [] })),
        }),
        Effect.onExit((exit) => (forgets(exit) ? Effect.void : end(pid))),
      ),
    )

const TIMED_OUT = new TimedOut({ detail: "Late.", fix: "Wait.", afterMs: 1 })

const reasonOf = (cause: Cause.Cause<BackendError>) => Option.getOrUndefined(Cause.findErrorOption(cause))?.reason._tag

/** The first session whose options have this `context` has processes that are not ended with it. */
const keeping = (context: number) => (backend: AnyBackend) => {
  let done = false
  const open = (input: Input) =>
    Effect.gen(function* () {
      const session = yield* backend.open(input)
      if (input.task !== "generate" || input.openTimeoutMs === 1) return session
      const [first, second] = [yield* stray, yield* stray]
      if (done || input.config.context !== context)
        yield* Effect.addFinalizer(() => Effect.andThen(end(first), end(second)))
      else done = true
      return { ...session, pids: [first, second] }
    })
  return open
}

/** Ends the engine of its first session by SIGTERM alone, and does not look whether it ended. */
const askingOnly = (backend: AnyBackend) => {
  let done = false
  const open = (input: Input) =>
    Effect.gen(function* () {
      const session = yield* backend.open(input)
      if (done || input.task !== "generate" || input.openTimeoutMs === 1) return session
      done = true
      const pid = yield* deaf
      yield* Effect.sleep("500 millis") // until it listens to signals
      yield* Effect.addFinalizer(() => Effect.sync(() => process.kill(pid, "SIGTERM")))
      return { ...session, pids: [pid] }
    })
  return open
}

/** Backends that leave something behind, in one way each. */
export const LEAVING: ReadonlyArray<{
  readonly fault: string
  readonly open: (backend: AnyBackend) => AnyBackend["open"]
  readonly hasChild?: boolean
  readonly fails: string
  readonly says: RegExp
}> = [
  {
    fault: "an interrupted open leaves its process behind",
    open: opening((exit) => Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)),
    fails: "leaves no process if it is interrupted while it opens",
    says: /An interrupted open leaves processes behind: \d+/,
  },
  {
    fault: "an open that took too long leaves its process behind",
    open: opening((exit) => Exit.isFailure(exit) && reasonOf(exit.cause) === "TimedOut"),
    fails: "keeps the deadline for opening",
    says: /An open that took too long leaves processes behind: \d+/,
  },
  {
    fault: "closing leaves the engine behind",
    open: keeping(512),
    fails: "leaves no process when it is closed, even if SIGTERM is ignored",
    says: /ignores SIGTERM leaves processes behind: \d+, \d+\. Start engines with engineProcess/,
  },
  {
    fault: "closing asks a deaf engine to end, and no more",
    open: askingOnly,
    fails: "leaves no process when it is closed, even if SIGTERM is ignored",
    says: /ignores SIGTERM leaves processes behind: \d+\. Start engines with engineProcess/,
  },
  {
    fault: "closing leaves the engine's child behind",
    open: keeping(1024),
    hasChild: true,
    fails: "leaves no child of the engine",
    says: /An engine with a child that ignores SIGTERM leaves processes behind: \d+/,
  },
  {
    fault: "closing leaves a port behind",
    open: (backend) => (input: Input) =>
      Effect.tap(backend.open(input), () =>
        input.task === "generate"
          ? Effect.promise(
              () =>
                new Promise<void>((resolve) => {
                  const server = createServer().listen(0, "127.0.0.1", () => resolve())
                  servers.push(server)
                }),
            )
          : Effect.void,
      ),
    fails: "leaves no port when it is closed",
    says: /ports are still open: \d+/,
  },
]
