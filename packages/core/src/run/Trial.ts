import { Clock, DateTime, Effect, Schedule } from "effect"
import type { Session } from "../Backend.ts"
import { BackendError, TimedOut } from "../BackendError.ts"
import type { Protocol } from "../config/ModelConfig.ts"
import { sampleMemory } from "../host/MemorySampler.ts"
import { textSha256 } from "../model/FileHash.ts"
import type { PlannedRequest } from "../workload/PromptSet.ts"
import type { Completion, Observer } from "../workload/Request.ts"
import type { RequestSample, Sample } from "./Sample.ts"

export interface TrialInput {
  readonly backend: string
  readonly session: Session
  readonly requests: ReadonlyArray<PlannedRequest>
  readonly protocol: Protocol
  readonly trial: number
  readonly phase: Sample["phase"]
  readonly opening: number
  readonly loadMs: number
}

/** Runs one trial: its requests one after the other. An error ends it; what was seen until then is in the sample. */
export const runTrial = Effect.fn("Trial.runTrial")(function* (input: TrialInput) {
  const clock = yield* Clock.Clock
  const startedAt = DateTime.formatIso(yield* DateTime.now)
  const origin = clock.monotonicTimeNanosUnsafe()
  const now = (): number => Number(clock.monotonicTimeNanosUnsafe() - origin) / 1e6
  const memory = yield* sampleMemory(input.session.pids, origin)
  const requests: Array<RequestSample> = []
  let error: BackendError | undefined
  for (const planned of input.requests) {
    const recorder = makeRecorder(now)
    const exit = yield* Effect.result(
      withDeadlines(input, planned, recorder, input.session.send(planned.request, recorder.observer)),
    )
    requests.push(recorder.sample(planned, exit._tag === "Success" ? exit.success : exit.failure))
    if (exit._tag === "Failure") {
      error = exit.failure
      break
    }
  }
  const { loadMs, opening, phase, trial } = input
  const sample: Sample = { trial, phase, opening, startedAt, requests, memory: yield* memory, loadMs }
  return { sample, error }
}, Effect.scoped)

/** Ends a request that takes too long as a whole, or is silent too long. */
const withDeadlines = <R>(
  { backend, protocol }: TrialInput,
  { request }: PlannedRequest,
  recorder: Recorder,
  send: Effect.Effect<Completion, BackendError, R>,
): Effect.Effect<Completion, BackendError, R> => {
  const late = (afterMs: number, what: string) =>
    Effect.fail(
      new BackendError({
        backend,
        reason: new TimedOut({
          detail: `The engine ${what} for ${afterMs / 1000} s.`,
          fix: "Look at the engine's log; raise protocol.requestTimeoutMs or stallTimeoutMs if it was only slow.",
          afterMs,
        }),
        logTail: [],
      }),
    )
  const stalled = Effect.suspend(() =>
    recorder.silentMs() > protocol.stallTimeoutMs ? late(protocol.stallTimeoutMs, "sent nothing") : Effect.void,
  ).pipe(Effect.repeat(Schedule.spaced(Math.min(1_000, protocol.stallTimeoutMs / 10))))
  // An embedding call is silent from its start to its end: only its whole time can tell that it hangs.
  const watched = request.task === "generate" ? Effect.raceFirst(send, Effect.andThen(stalled, Effect.never)) : send
  return watched.pipe(
    Effect.timeoutOrElse({
      duration: protocol.requestTimeoutMs,
      orElse: () => late(protocol.requestTimeoutMs, "did not finish a request"),
    }),
  )
}

interface Recorder {
  readonly observer: Observer
  readonly silentMs: () => number
  readonly sample: (planned: PlannedRequest, end: Completion | BackendError) => RequestSample
}

/** Stamps chunks as they come. Per chunk: one clock read and a store into a typed array. */
const makeRecorder = (now: () => number): Recorder => {
  let times = new Float64Array(1024)
  let tokens = new Uint32Array(1024)
  let count = 0
  let sentMs = now()
  let lastMs = sentMs
  let single = true
  return {
    observer: {
      sent: () => {
        sentMs = lastMs = now()
      },
      chunk: (n) => {
        if (count === times.length) {
          times = grow(times, Float64Array)
          tokens = grow(tokens, Uint32Array)
        }
        times[count] = lastMs = now()
        tokens[count++] = n
        if (n !== 1) single = false
      },
    },
    silentMs: () => now() - lastMs,
    sample: ({ prompt, request }, end) => ({
      prompt,
      sentMs,
      chunkMs: [...times.subarray(0, count)],
      ...(single ? {} : { chunkTokens: [...tokens.subarray(0, count)] }),
      endMs: now(),
      ...(request.task === "generate"
        ? { requestedTokens: request.outputTokens }
        : { documents: request.texts.length }),
      ...(end instanceof BackendError
        ? { outcome: end.reason._tag === "TimedOut" ? "timeout" : "error", error: end.reason.detail }
        : ended(end)),
    }),
  }
}

const ended = ({ memory, text, timings, ...told }: Completion) => ({
  outcome: "ok" as const,
  ...told,
  ...(text === undefined ? {} : { textSha256: textSha256(text) }),
  ...(timings === undefined ? {} : { engine: timings }),
  ...(memory === undefined ? {} : { engineMemory: memory }),
})

const grow = <A extends Float64Array | Uint32Array>(full: A, type: new (length: number) => A): A => {
  const larger = new type(full.length * 2)
  larger.set(full)
  return larger
}
