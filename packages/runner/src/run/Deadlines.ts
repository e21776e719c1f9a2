import {
  type BackendError,
  type Completion,
  type PlannedRequest,
  type Protocol,
  type RequestFailed,
  requestFailed,
  type RequestFailureKind,
  TimedOut,
} from "@rigbook/core"
import { Effect, Fiber, type Scope } from "effect"
import type { Recorder } from "./Recorder.ts"

/** Ends requests that take too long in total, or until their first token, or between tokens. */
export interface Deadlines {
  readonly watch: <R>(
    request: PlannedRequest["request"],
    recorder: Recorder,
    send: Effect.Effect<Completion, BackendError | RequestFailed, R>,
  ) => Effect.Effect<Completion, BackendError | RequestFailed, R>
}

/** Prompts of more tokens get longer: 10,000 take minutes on a slow processor, which computes some 30 a second. */
const LONG_TOKENS = 2_400
const MS_FOR_TOKEN = 50
/** Characters of a token, roughly: an engine counts tokens only in its answer. */
const CHARACTERS = 4

/** What a long prompt adds to the deadlines of its request, in milliseconds. */
const extraMs = (request: PlannedRequest["request"]): number => {
  if (request.task !== "generate") return 0
  const { prompt } = request
  const texts = "text" in prompt ? [prompt.text] : prompt.messages.map(({ content }) => content)
  const characters = texts.reduce((sum, text) => sum + text.length, 0)
  return MS_FOR_TOKEN * Math.max(0, characters / CHARACTERS - LONG_TOKENS)
}

/** A running request. */
interface Watched {
  /** Milliseconds that it may continue as it is, and the error after that. */
  readonly deadline: () => readonly [leftMs: number, kind: RequestFailureKind, allowedMs: number, what: string]
  readonly end: (late: RequestFailed) => void
}

/**
 * The deadlines of one trial. One watcher checks all of its requests: a timer and a race for each of five
 * hundred cost more than the requests themselves, and come due just when the next are to be sent.
 */
export const makeDeadlines = Effect.fnUntraced(function* (
  backend: string,
  { firstTokenTimeoutMs, requestTimeoutMs, stallTimeoutMs }: Protocol,
): Effect.fn.Return<Deadlines, never, Scope.Scope> {
  const firstMs = firstTokenTimeoutMs ?? stallTimeoutMs
  const watched = new Set<Watched>()
  const look = Effect.suspend(() => {
    // Any request that is sent, or begins to answer, while the watcher sleeps has at least this long.
    let sleepMs = Math.min(firstMs, requestTimeoutMs, stallTimeoutMs)
    for (const { deadline, end } of watched) {
      const [leftMs, kind, allowedMs, what] = deadline()
      if (leftMs <= 0) end(late(backend, kind, allowedMs, what))
      else sleepMs = Math.min(sleepMs, leftMs)
    }
    return Effect.sleep(Math.ceil(sleepMs))
  })
  yield* Effect.forkScoped(Effect.forever(look))
  return {
    watch: Effect.fnUntraced(function* (request, recorder, send) {
      const extra = extraMs(request)
      const wholeMs = requestTimeoutMs + extra
      const beginMs = firstTokenTimeoutMs ?? stallTimeoutMs + extra
      const deadline: Watched["deadline"] = () => {
        const whole = wholeMs - recorder.ageMs()
        const begun = recorder.begun()
        const allowed = begun ? stallTimeoutMs : beginMs
        // An embedding call is silent from its start to its end: only its total time can show that it hangs.
        const silence = request.task === "generate" ? allowed - recorder.silentMs() : Infinity
        return whole <= silence
          ? [whole, "too-slow", wholeMs, "did not finish a request"]
          : [silence, begun ? "stalled" : "no-first-token", allowed, "sent nothing"]
      }
      const sending = yield* Effect.forkChild(send, { startImmediately: true })
      let tooLate: RequestFailed | undefined
      const entry: Watched = {
        deadline,
        end: (error) => {
          tooLate = error
          sending.interruptUnsafe()
        },
      }
      watched.add(entry)
      sending.addObserver(() => void watched.delete(entry))
      const exit = yield* Fiber.await(sending)
      return yield* tooLate ?? exit
    }),
  }
})

const late = (backend: string, kind: RequestFailureKind, afterMs: number, what: string): RequestFailed =>
  requestFailed(backend)(
    new TimedOut({
      detail: `The engine ${what} for ${afterMs / 1000} s.`,
      fix: "Read the engine's log; raise the deadlines of the protocol if it was only slow.",
      afterMs,
    }),
    { kind },
  )
