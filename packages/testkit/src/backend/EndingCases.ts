import { Protocol, type Session, type Task } from "@rigbook/core"
import { processTree, runTrial } from "@rigbook/runner"
import { Effect, Exit, Fiber, Option, Result, Schema, Scope } from "effect"
import { type Case, must, notRun, violated } from "../Conformance.ts"
import { isRunning, ownProcesses, portsOf, signal, stillThere } from "../Processes.ts"
import { ask, LONG, requestFor } from "./Ask.ts"
import { type Bench, once } from "./Bench.ts"
import { failingOpen, leftBehind } from "./FailingOpen.ts"

/** What must hold when things end or fail. These cases use up the sessions that the others have shared. */
export const endingCases = <R>(bench: Bench<R>): ReadonlyArray<Case<R | Scope.Scope>> => {
  const { backend } = bench
  const unavailable = () => notRun("the engine did not open: see its own case")
  const shared = (task: Task) =>
    bench.shared(task).pipe(Effect.catchTag(["BackendError", "Nonconformity"], unavailable))
  const another = (task: Task) =>
    Effect.flatMap(bench.inputOf(task), (input) => bench.open(input, task)).pipe(
      Effect.catchTag(["BackendError", "Nonconformity"], unavailable),
    )

  const keepsOpenDeadline = Effect.gen(function* () {
    const { first: firstTask } = yield* bench.ends
    const { limits } = yield* bench.subject
    const input = yield* bench.inputOf(firstTask)
    const before = ownProcesses()
    const opening = yield* Effect.forkDetach(Effect.result(Effect.scoped(backend.open({ ...input, openTimeoutMs: 1 }))))
    const ended = yield* Effect.timeoutOption(Fiber.join(opening), limits.endMs)
    if (Option.isNone(ended)) {
      opening.interruptUnsafe()
      return yield* violated(
        `open continues for more than ${limits.endMs / 1000} s though openTimeoutMs is 1: fail with TimedOut after that time.`,
      )
    }
    if (Result.isFailure(ended.value)) {
      const { _tag } = ended.value.failure.reason
      yield* must(_tag === "TimedOut", `An open that takes too long fails with ${_tag}, but must fail with TimedOut.`)
    }
    const left = yield* stillThere(newcomers(before), isRunning, limits.endMs)
    yield* must(left.length === 0, leftBehind("An open that took too long", left))
  })

  const canBeInterrupted = Effect.gen(function* () {
    const { first: firstTask } = yield* bench.ends
    const { limits } = yield* bench.subject
    const input = yield* bench.inputOf(firstTask)
    const before = ownProcesses()
    let opened = false
    const open = Effect.andThen(
      backend.open(input),
      Effect.sync(() => void (opened = true)),
    )
    const opening = yield* Effect.forkDetach(Effect.exit(Effect.scoped(Effect.andThen(open, Effect.never))))
    const start = performance.now()
    const waiting = () => !opened && opening.pollUnsafe() === undefined && performance.now() - start < limits.openMs
    // As they were when the first was found: a short command may have ended by now.
    let started = newcomers(before)
    for (; started.length === 0 && waiting(); started = newcomers(before)) yield* Effect.sleep("5 millis")
    opening.interruptUnsafe()
    const ended = yield* Effect.timeoutOption(Fiber.await(opening), limits.endMs)
    yield* must(
      ended._tag === "Some",
      `open continues for more than ${limits.endMs / 1000} s after it was interrupted.`,
    )
    if (started.length === 0) return yield* notRun("open starts no process")
    const left = yield* stillThere([...started, ...newcomers(before)], isRunning, limits.endMs)
    yield* must(left.length === 0, leftBehind("An interrupted open", left))
  })

  /** A session is frozen, sent a request, and closed: once, for all cases about it. */
  const frozen = once(
    Effect.gen(function* () {
      const { first: firstTask } = yield* bench.ends
      const subject = yield* bench.subject
      const { endMs, stallMs } = subject.limits
      const opened = yield* shared(firstTask)
      const started = startedFor(opened.session)
      const ports = portsOf([process.pid, ...started]).filter((port) => !opened.portsBefore.includes(port))
      const freeze = subject.faults?.freeze ?? signalling(opened.session, "SIGSTOP")
      if (freeze === undefined) return yield* notRun("the session reports no process of its own: give faults.freeze")
      return yield* Effect.scoped(
        Effect.gen(function* () {
          yield* freeze(opened.session)
          const trial = yield* Effect.forkDetach(
            runTrial({
              backend: backend.id,
              session: opened.session,
              requests: [{ prompt: 0, request: requestFor(firstTask, subject, opened.input.model) }],
              protocol: { ...protocol, stallTimeoutMs: stallMs, requestTimeoutMs: 2 * stallMs },
              trial: 0,
              phase: "measured",
              opening: 0,
              loadMs: 0,
            }),
          )
          const answered = yield* Effect.timeoutOption(Fiber.join(trial), 2 * stallMs + endMs)
          const closing = yield* Effect.forkDetach(Scope.close(opened.scope, Exit.void))
          const closed = yield* Effect.timeoutOption(Fiber.await(closing), endMs)
          const left = yield* stillThere(started, isRunning, endMs)
          const open = yield* stillThere(ports, (port) => portsOf([process.pid, ...started]).includes(port), 1_000)
          return { answered, closed: closed._tag === "Some", started, ports, left, open }
        }),
      )
    }),
  )

  const deadlineEndsIt = Effect.gen(function* () {
    const { answered } = yield* frozen
    if (Option.isNone(answered))
      return yield* violated("A request to a hanging engine outlives core's deadline: make send interruptible.")
    const found = answered.value.error?.reason._tag
    yield* must(
      found === "TimedOut",
      `A request to a hanging engine ends with ${found ?? "an answer"}, but core's deadline must end it (TimedOut): don't answer for the engine.`,
    )
  })

  const leavesNoProcess = Effect.gen(function* () {
    const { closed, left, started } = yield* frozen
    yield* must(
      closed,
      "Closing a session whose engine hangs takes too long: force the engine to end after a few seconds.",
    )
    if (started.length === 0) return yield* notRun("the session reports no process of its own")
    yield* must(left.length === 0, leftBehind("A closed session whose engine ignores SIGTERM", left))
  })

  const leavesNoPort = Effect.gen(function* () {
    const { open, ports } = yield* frozen
    if (ports.length === 0) return yield* notRun("the engine listens on no port of this machine")
    yield* must(open.length === 0, `After the session was closed, ports are still open: ${open.join(", ")}.`)
  })

  const leavesNoChild = Effect.gen(function* () {
    const { first: firstTask } = yield* bench.ends
    const { faults, limits } = yield* bench.subject
    if (faults?.deafChild === undefined)
      return yield* notRun("give faults.deafChild: options whose engine leaves a child behind, see withDeafChild")
    const opened = yield* Effect.flatMap(bench.inputOf(firstTask, faults.deafChild), (input) =>
      bench.open(input, firstTask),
    ).pipe(
      Effect.catchTag("BackendError", ({ message }) => violated(`With faults.deafChild nothing opens: ${message}`)),
    )
    if (opened === undefined) return
    const started = startedFor(opened.session)
    yield* Scope.close(opened.scope, Exit.void)
    yield* must(started.length > 1, "With faults.deafChild there is no child: the fault did not occur.")
    const left = yield* stillThere(started, isRunning, limits.endMs)
    yield* must(left.length === 0, leftBehind("An engine with a child that ignores SIGTERM", left))
  })

  const outOfMemory = Effect.gen(function* () {
    const { first: firstTask } = yield* bench.ends
    const { faults } = yield* bench.subject
    if (faults?.outOfMemory === undefined)
      return yield* notRun("give faults.outOfMemory: options or a request that need more memory than there is")
    const { options, request } = faults.outOfMemory
    const failed = yield* failingOpen(bench, yield* bench.inputOf(request?.task ?? firstTask, options), request)
    if (failed === undefined) return yield* violated("With faults.outOfMemory nothing fails: the fault did not occur.")
    yield* must(
      failed._tag === "OutOfMemory",
      `Too little memory fails with ${failed._tag}, but must fail with OutOfMemory: detect it in the engine's log. The error was: ${failed.detail}`,
    )
  })

  /** An engine is killed in the middle of an answer: once, for all cases about it. */
  const killed = once(
    Effect.gen(function* () {
      const { first: firstTask, last: lastTask } = yield* bench.ends
      const subject = yield* bench.subject
      const opened = yield* firstTask === lastTask ? another(lastTask) : shared(lastTask)
      const { input, session } = opened
      const kill = subject.faults?.kill ?? signalling(session, "SIGKILL")
      const freeze = subject.faults?.freeze ?? signalling(session, "SIGSTOP")
      if (kill === undefined) return yield* notRun("the session reports no process of its own: give faults.kill")
      const { answerMs, endMs } = subject.limits
      const request = requestFor(lastTask, subject, input.model, LONG)
      let shot = false
      const shoot = () => {
        if (shot) return
        shot = true
        Effect.runSync(kill(session))
      }
      const during = yield* Effect.scoped(
        Effect.gen(function* () {
          // A quick engine may have answered before it is killed; a frozen one has not.
          if (freeze !== undefined) yield* freeze(session)
          const asking = yield* Effect.forkDetach(Effect.result(ask(session, request, answerMs, shoot)))
          if (freeze !== undefined) yield* Effect.andThen(Effect.sleep("200 millis"), Effect.sync(shoot))
          return yield* Fiber.join(asking)
        }),
      )
      const after = yield* Effect.result(ask(session, requestFor(lastTask, subject, input.model), endMs))
      return { during, after }
    }),
  )

  const crashIsReported = Effect.gen(function* () {
    const { during } = yield* killed
    if (Result.isFailure(during)) return yield* during.failure
    if (Result.isSuccess(during.success))
      return yield* violated(
        "An engine killed in the middle of an answer counts as having answered: an incomplete answer must fail.",
      )
    const { reason } = during.success.failure
    yield* must(
      reason._tag === "Crashed",
      `An engine killed in the middle of an answer fails with ${reason._tag}, but must fail with Crashed. The error was: ${reason.detail}`,
    )
  })

  const crashIsForEver = Effect.gen(function* () {
    const { after } = yield* killed
    yield* must(Result.isSuccess(after), "A request to a crashed engine hangs: it must fail immediately with Crashed.")
    yield* must(
      Result.isSuccess(after) && Result.isFailure(after.success),
      "A request to a crashed engine is answered, though there is no engine.",
    )
  })

  return [
    { name: "keeps the deadline for opening", check: keepsOpenDeadline },
    { name: "leaves no process if it is interrupted while it opens", check: canBeInterrupted },
    { name: "lets core's deadline end a request to a hanging engine", check: deadlineEndsIt },
    { name: "leaves no process when it is closed, even if SIGTERM is ignored", check: leavesNoProcess },
    { name: "leaves no port when it is closed", check: leavesNoPort },
    { name: "leaves no child of the engine", check: leavesNoChild },
    { name: "reports too little memory as OutOfMemory", check: outOfMemory },
    { name: "reports an engine killed in the middle of an answer as Crashed", check: crashIsReported },
    { name: "a crashed engine stays crashed", check: crashIsForEver },
  ]
}

const protocol = Schema.decodeSync(Protocol)({})

const newcomers = (before: ReadonlyArray<number>): ReadonlyArray<number> =>
  ownProcesses().filter((pid) => !before.includes(pid))

/** The processes that a session reports, without this one, and their descendants. */
const startedFor = (session: Session): ReadonlyArray<number> => {
  const named = session.pids.filter((pid) => pid !== process.pid)
  return [...new Set([...named, ...processTree(named)])]
}

/** Sends a signal to the engine's processes; not to their guard, which is ours. `undefined` if there are none. */
const signalling = (session: Session, name: "SIGSTOP" | "SIGKILL") => {
  const engine = processTree(session.pids.filter((pid) => pid !== process.pid))
  return engine.length === 0 ? undefined : () => Effect.sync(() => signal(engine, name))
}
