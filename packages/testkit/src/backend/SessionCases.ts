import { placementName, type Task } from "@rigbook/core"
import { layoutDifference } from "@rigbook/records"
import { processTree } from "@rigbook/runner"
import { Effect, Fiber, Result, type Scope } from "effect"
import { type Case, must, Nonconformity, notRun, violated } from "../Conformance.ts"
import { isRunning, ownProcesses } from "../Processes.ts"
import { ask, embedRequest, generateRequest, LONG, requestFor } from "./Ask.ts"
import { type Bench, once } from "./Bench.ts"
import { embedCases } from "./EmbedCases.ts"
import { generateCases } from "./GenerateCases.ts"
import type { Shared } from "./Shared.ts"

/** What a loaded model must do for one of the backend's tasks. One opening serves all. */
export const sessionCases = <R>(bench: Bench<R>, task: Task): ReadonlyArray<Case<R | Scope.Scope>> => {
  const first = once(
    Effect.gen(function* () {
      const subject = yield* bench.subject
      const opened = yield* bench.shared(task)
      const request = requestFor(task, subject, opened.input.model)
      const observed = yield* ask(opened.session, request, subject.limits.answerMs)
      return Result.isSuccess(observed) ? { opened, observed: observed.success } : yield* observed.failure
    }),
  )
  const working = Effect.catchTag(first, ["BackendError", "RequestFailed", "Nonconformity"], () =>
    notRun(`the backend does not ${task}: see its own case`),
  )
  const shared: Shared<R> = {
    opened: Effect.map(working, ({ opened }) => opened),
    observed: Effect.map(working, ({ observed }) => observed),
  }

  const isReady = first.pipe(
    Effect.asVoid,
    Effect.catchTag(["BackendError", "RequestFailed", "Nonconformity"], ({ message }) =>
      violated(
        `The backend declares the task ${task}, but does not do it: ${message} open must wait until the engine answers requests.`,
      ),
    ),
  )

  const tellsSent = Effect.gen(function* () {
    const { calls } = yield* shared.observed
    const times = calls.filter((call) => call === "sent").length
    yield* must(times > 0, "observer.sent is never called: the time to the first token would begin too early.")
    yield* must(times === 1, `observer.sent is called ${times} times for one request.`)
    yield* must(calls[0] === "sent", "observer.sent is called after the first chunk has arrived.")
  })

  const refusesOther = Effect.gen(function* () {
    const { session, input } = yield* shared.opened
    const subject = yield* bench.subject
    const other: Task = task === "generate" ? "embed" : "generate"
    const answered = yield* ask(session, requestFor(other, subject, input.model), subject.limits.answerMs)
    if (Result.isSuccess(answered))
      return yield* violated(
        `Opened to ${task}, the session answers a request to ${other}: refuse that with Unsupported.`,
      )
    const { _tag } = answered.failure.reason
    yield* must(
      _tag === "Unsupported",
      `Opened to ${task}, the session fails a request to ${other} with ${_tag}, but must fail with Unsupported.`,
    )
  })

  const saysWhatIsInForce = Effect.gen(function* () {
    const { input, session } = yield* shared.opened
    const requested = bench.backend.requested(input.config, input.placement)
    for (const [name, wanted] of Object.entries(requested)) {
      const found = session.effective.settings[name]
      yield* must(
        found !== undefined,
        `${name} was requested as ${wanted}, but is not in effective.settings: read it back from the engine, or leave it out of requested.`,
      )
      yield* must(
        found === wanted,
        `${name} was requested as ${wanted}, effective is ${found}: pass the option on, or make requested return the engine's value.`,
      )
    }
  })

  const namesDevices = Effect.gen(function* () {
    const { input, session } = yield* shared.opened
    const { devices } = session.effective
    if (devices.length === 0) return yield* notRun("the engine does not report which devices hold the weights")
    const wanted = input.placement.devices
    yield* must(
      wanted.every((id) => devices.includes(id)) && devices.every((id) => wanted.includes(id)),
      `The model was placed on ${wanted.join(" + ")}, but effective.devices is ${devices.join(" + ")}.`,
    )
  })

  /** The devices may be right but hold other parts: only memory shows which placement was used. */
  const holdsLayout = Effect.gen(function* () {
    const { input, session } = yield* shared.opened
    const wanted = bench.backend.layout?.(input.model, input.config, input.placement)
    if (wanted === undefined) return yield* notRun("layout has no rule for this placement: give one on other devices")
    const difference = layoutDifference(wanted, session.effective.buffers)
    yield* must(
      difference === undefined,
      `The model was placed as ${placementName(input.placement)}: ${difference}. Pass the placement on, or correct layout.`,
    )
  })

  const namesProcesses = Effect.gen(function* () {
    const { session } = yield* shared.opened
    if (session.pids.length === 0) return yield* notRun("the session reports no process: its memory is not observed")
    const ours = [process.pid, ...ownProcesses()]
    if (processTree([process.pid]).length === 0)
      return yield* notRun("this system does not report the parents of processes")
    for (const pid of session.pids) {
      yield* must(isRunning(pid), `session.pids has process ${pid}, which does not run.`)
      yield* must(
        // Its tree, since a guard of core is not one of the engine's processes.
        processTree([pid]).every((one) => ours.includes(one)),
        `session.pids has process ${pid}, which was not started here: its memory would belong to something else.`,
      )
    }
  })

  const isOneEngine = Effect.gen(function* () {
    const { session } = yield* shared.opened
    if (session.identify === undefined) return yield* notRun("the backend does not report which engine answers")
    const [first, second] = yield* Effect.all([session.identify, session.identify])
    const [one, other] = [JSON.stringify(first), JSON.stringify(second)]
    yield* must(first.absent === undefined, `session.identify does not know which engine answers: ${first.absent}`)
    yield* must(one === other, `session.identify reports ${one}, and then ${other} for the same engine.`)
  })

  const canBeInterrupted = Effect.gen(function* () {
    const { input, session } = yield* shared.opened
    const subject = yield* bench.subject
    const { answerMs, endMs } = subject.limits
    const long =
      task === "generate"
        ? generateRequest(subject, input.model, LONG)
        : {
            ...embedRequest(subject),
            texts: Array.from({ length: LONG }, (_, index) => `${index}: ${embedRequest(subject).texts[0]}`),
          }
    let sent = (): void => {}
    const begun = new Promise<void>((resolve) => (sent = resolve))
    const sending = yield* Effect.forkDetach(
      Effect.result(session.send(long, { sent: () => sent(), chunk: () => sent() })),
    )
    yield* Effect.promise(() => begun).pipe(Effect.timeoutOption(answerMs))
    sending.interruptUnsafe()
    const ended = yield* Effect.timeoutOption(Fiber.await(sending), endMs)
    yield* must(
      ended._tag === "Some",
      `A request continues for more than ${endMs / 1000} s after it was interrupted: core's deadlines could not end it.`,
    )
    const next = yield* ask(session, requestFor(task, subject, input.model), answerMs).pipe(
      Effect.mapError(
        () => new Nonconformity({ sentence: "After an interrupted request the next one is not answered." }),
      ),
    )
    if (Result.isFailure(next))
      yield* violated(`After an interrupted request the next one fails: ${next.failure.message}`)
  })

  const cases: ReadonlyArray<Case<R | Scope.Scope>> = [
    { name: "is ready once it is open, and answers", check: isReady },
    { name: "reports when a request is sent: once, and before any chunk", check: tellsSent },
    ...(task === "generate" ? generateCases(bench, shared) : embedCases(bench, shared)),
    { name: "refuses the task that it was not opened for", check: refusesOther },
    { name: "has the requested options in effect", check: saysWhatIsInForce },
    { name: "is on the requested devices", check: namesDevices },
    ...(bench.backend.layout === undefined
      ? []
      : [{ name: "holds on each device what its layout says", check: holdsLayout }]),
    { name: "reports running processes that were started here", check: namesProcesses },
    { name: "reports the same engine each time", check: isOneEngine },
    { name: "stops an interrupted request, and answers the next", check: canBeInterrupted },
  ]
  return cases.map(({ check, name }) => ({ name: `${task}: ${name}`, check }))
}
