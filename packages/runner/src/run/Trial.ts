import {
  type BackendError,
  backendError,
  type Completion,
  type Load,
  NAMED_WAITS,
  type PlannedRequest,
  type Protocol,
  type DivergeRequest,
  type Observer,
  type Request,
  type RequestFailed,
  type RequestSample,
  type Retry,
  type Sample,
  type Session,
  type Slo,
  type trialWork,
  Unsupported,
  waitBefore,
} from "@rigbook/core"
import { Clock, DateTime, Effect } from "effect"
import { sampleMemory } from "../host/MemorySampler.ts"
import { ClientMonitor } from "./ClientMonitor.ts"
import { makeConversation } from "./Conversation.ts"
import { makeDeadlines } from "./Deadlines.ts"
import { countedDrafts, draftsBetween } from "./Drafts.ts"
import { sendAll } from "./Load.ts"
import { makeRecorder } from "./Recorder.ts"

/** What a trial consists of: `trial` and `opening` are those of its sample. */
export interface TrialInput {
  readonly backend: string
  readonly session: Session
  readonly requests: ReadonlyArray<PlannedRequest>
  /** How they are sent; one after the other by default, and then the first that fails ends the trial. */
  readonly load?: Load
  /** What the requests are judged by. */
  readonly slo?: Slo
  /** Whether and when a request that a busy server rejected is sent again. */
  readonly retry?: Retry
  /** What the vectors come to, of a trial that is about them. */
  readonly score?: ReturnType<typeof trialWork>["score"]
  readonly protocol: Protocol
  readonly trial: number
  readonly phase: Sample["phase"]
  readonly opening: number
  readonly loadMs: number
}

const NO_REFERENCE = new Unsupported({
  detail: "The session was opened without a reference.",
  fix: "The backend sets `diverges`, but its session has no `diverge`: report it to the plugin's authors.",
})

const NO_TEXT = new Unsupported({
  detail: "The backend returned no text, which the next turn of the conversation would begin with.",
  fix: "Measure multi-turn scenarios with a backend whose completions have a text, such as llamacpp or vllm.",
})

const ONE_AFTER_THE_OTHER: Load = { kind: "streams", streams: 1 }

/**
 * Runs one trial. An error ends it; what was observed until then is in the sample. Under a load, requests that fail
 * are counted and the others continue, unless the engine itself has ended.
 */
export const runTrial = Effect.fn("Trial.runTrial")(function* (input: TrialInput) {
  const { backend, load, loadMs, opening, phase, protocol, score, session, slo, trial } = input
  const retry = input.retry ?? (load === undefined ? NAMED_WAITS : undefined)
  // Before the clock starts: requests of an open loop are due from then on.
  const before = yield* countedDrafts(session)
  const clock = yield* Clock.Clock
  const startedAt = DateTime.formatIso(yield* DateTime.now)
  const origin = clock.monotonicTimeNanosUnsafe()
  // Integer microseconds: a figure computed now equals one computed from the file later, to the digit.
  const now = (): number => Math.round(Number(clock.monotonicTimeNanosUnsafe() - origin) / 1e3) / 1e3
  const trialClock = { now, originNs: Number(process.hrtime.bigint()) }
  const deadlines = yield* makeDeadlines(backend, protocol)
  const memory = yield* sampleMemory(session.pids, origin)
  const monitor = load === undefined ? undefined : yield* yield* ClientMonitor
  const requests: Array<RequestSample> = []
  const completions: Array<Completion> = []
  const conversation = makeConversation(`${phase}-${opening}-${trial}`)
  let error: BackendError | undefined
  const answerOf = (
    request: Request | DivergeRequest,
    observer: Observer,
  ): Effect.Effect<Completion, BackendError | RequestFailed> => {
    if (request.task !== "diverge") return session.send(request, observer)
    observer.sent()
    return session.diverge?.(request) ?? Effect.fail(backendError(backend)(NO_REFERENCE))
  }
  const attempt = Effect.fnUntraced(function* (planned: PlannedRequest, request: Request | DivergeRequest) {
    const recorder = makeRecorder(trialClock, request.task === "generate" ? request.outputTokens : 0)
    const exit = yield* Effect.result(deadlines.watch(request, recorder, answerOf(request, recorder.observer)))
    return { exit, sample: recorder.sample(planned, exit._tag === "Success" ? exit.success : exit.failure) }
  })
  const send = Effect.fnUntraced(function* (planned: PlannedRequest, index: number) {
    const request = { ...conversation.next(planned), id: `${phase}-${trial}-${index}` }
    let { exit, sample } = yield* attempt(planned, request)
    const firstMs = sample.sentMs
    for (let retries = 1; exit._tag === "Failure" && exit.failure._tag === "RequestFailed"; retries++) {
      const wait = waitBefore(retry, exit.failure, retries - 1)
      if (wait === undefined) break
      yield* Effect.sleep(wait)
      const next = yield* attempt(planned, request)
      exit = next.exit
      const waitedMs = Math.round((next.sample.sentMs - firstMs) * 1e3) / 1e3
      sample = { ...next.sample, retries, waitedMs }
    }
    requests[index] = sample
    if (score !== undefined && exit._tag === "Success") completions[index] = exit.success
    if (exit._tag === "Success") {
      if (planned.turn === undefined) return true
      const { text } = exit.success
      if (text === undefined) error ??= backendError(backend)(NO_TEXT)
      else conversation.answered(text)
      return error === undefined
    }
    const { failure } = exit
    if (failure._tag === "RequestFailed" && load !== undefined) return true
    error ??= failure._tag === "RequestFailed" ? failure.asBackendError() : failure
    return false
  })
  yield* sendAll({ requests: input.requests, load: load ?? ONE_AFTER_THE_OTHER, now, send })
  const scored = score?.(input.requests.map((_, index) => completions[index]))
  const drafts = draftsBetween(before, yield* countedDrafts(session))
  const sample: Sample = {
    trial,
    phase,
    opening,
    startedAt,
    requests: requests.filter((request) => request !== undefined),
    memory: yield* memory,
    loadMs,
    ...(slo === undefined ? {} : { slo }),
    ...(drafts === undefined ? {} : { drafts }),
    ...(monitor === undefined ? {} : { client: yield* monitor }),
    ...(scored === undefined ? {} : { scored }),
  }
  return { sample, error }
}, Effect.scoped)
