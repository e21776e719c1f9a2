import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { type AnyBackend, BackendError, type OpenInput, TimedOut } from "@rigbook/core"
import { Cause, Effect, Exit, Option } from "effect"
import { spawn } from "node:child_process"
import { createServer, type Server } from "node:net"
import { afterAll } from "vitest"
import { type BackendSubject, checkBackend, type FakeOptions } from "../src/index.ts"
import { inProcess } from "./conforming.ts"

const spawned: Array<number> = []
const servers: Array<Server> = []
afterAll(() => {
  for (const pid of spawned) process.kill(pid, "SIGKILL")
  for (const server of servers) server.close()
})

/** A process that nobody ends. */
const stray = Effect.sync(() => {
  const { pid } = spawn("/bin/sleep", ["600"], { stdio: "ignore" })
  spawned.push(pid!)
  return pid!
})
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

const LEAVING: ReadonlyArray<{
  readonly fault: string
  readonly open: (backend: AnyBackend) => AnyBackend["open"]
  readonly hasChild?: boolean
  readonly fails: string
  readonly says: RegExp
}> = [
  {
    fault: "an interrupted open leaves its process behind",
    open: opening((exit) => Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)),
    fails: "leaves no process when it is interrupted while it opens",
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
    fails: "leaves no process when it is closed, deaf to SIGTERM or not",
    says: /deaf to SIGTERM leaves processes behind: \d+, \d+\. Start engines with engineProcess/,
  },
  {
    fault: "closing leaves the engine's child behind",
    open: keeping(1024),
    hasChild: true,
    fails: "leaves no child of the engine",
    says: /An engine with a child that is deaf to SIGTERM leaves processes behind: \d+/,
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
    says: /ports are still listened on: \d+/,
  },
]

// One after the other: the suite looks at all processes that this one has started.
describe("the suite for backends finds that", () => {
  for (const { fails, fault, hasChild = false, open, says } of LEAVING)
    it.live(
      fault,
      () =>
        Effect.gen(function* () {
          const { backend, subject } = inProcess()
          const given: BackendSubject = {
            ...subject,
            faults: { ...subject.faults, ...(hasChild ? { deafChild: { context: 1024 } } : {}) },
          }
          const results = yield* checkBackend({ ...backend, open: open(backend) }, Effect.succeed(given))
          const failed = results.filter(({ outcome }) => outcome === "failed")
          assert.strictEqual(failed.map(({ name }) => name).join("; "), fails)
          const [only] = failed
          assert.match(only?.outcome === "failed" ? only.sentence : "", says)
        }).pipe(Effect.provide(NodeServices.layer)),
      30_000,
    )
})
