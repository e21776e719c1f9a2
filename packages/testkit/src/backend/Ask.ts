import type {
  BackendError,
  Completion,
  EmbedRequest,
  GenerateRequest,
  ModelFacts,
  Request,
  RequestFailed,
  Session,
  Task,
} from "@rigbook/core"
import { Effect, Fiber, Option, Result } from "effect"
import { Nonconformity } from "../Conformance.ts"
import type { BackendSubject } from "./BackendSubject.ts"

/** What was observed of one request. */
export interface Observed {
  readonly completion: Completion
  /** Calls of the observer in their order: `sent`, or the tokens of a chunk. */
  readonly calls: ReadonlyArray<"sent" | number>
  /** Turns of the event loop in which chunks arrived: more than one, unless they were buffered. */
  readonly turns: number
}

/** Sends a request and observes it; one that has neither answered nor failed after `timeoutMs` is abandoned. */
export const ask = (
  session: Session,
  request: Request,
  timeoutMs: number,
  onChunk: () => void = () => {},
): Effect.Effect<Result.Result<Observed, BackendError | RequestFailed>, Nonconformity> =>
  Effect.gen(function* () {
    const calls: Array<"sent" | number> = []
    const turns = new Set<number>()
    let turn = 0
    const observer = {
      sent: () => void calls.push("sent"),
      chunk: (tokens: number) => {
        calls.push(tokens)
        if (!turns.has(turn)) setImmediate(() => turn++)
        turns.add(turn)
        onChunk()
      },
    }
    // In another fiber, so that a request that can't be interrupted does not keep us waiting.
    const sending = yield* Effect.forkDetach(Effect.result(session.send(request, observer)))
    const ended = yield* Effect.timeoutOption(Fiber.join(sending), timeoutMs)
    if (Option.isNone(ended)) {
      sending.interruptUnsafe()
      return yield* new Nonconformity({
        sentence: `A request (${request.task}) neither was answered nor failed within ${timeoutMs / 1000} s.`,
      })
    }
    return Result.map(ended.value, (completion) => ({ completion, calls, turns: turns.size }))
  })

type Asks = Pick<BackendSubject, "prompt" | "texts">

const QUESTION = "Name three colours of the rainbow."

export const generateRequest = ({ prompt }: Asks, model: ModelFacts, outputTokens: number): GenerateRequest => ({
  task: "generate",
  prompt: prompt ?? (model.chatTemplate ? { messages: [{ role: "user", content: QUESTION }] } : { text: QUESTION }),
  outputTokens,
})

const TEXTS = [
  "The harbour was quiet at dawn.",
  "A violin needs care.",
  "Glaciers move, slowly, and change what they touch.",
]

export const embedRequest = ({ texts = TEXTS }: Asks, returnVectors = false): EmbedRequest => ({
  task: "embed",
  texts,
  batchSize: 1,
  ...(returnVectors ? { returnVectors } : {}),
})

/** Tokens of a short answer: enough to observe chunks arriving one after the other. */
export const SHORT = 32
/** Tokens of an answer that is long enough to interfere with it. */
export const LONG = 200

export const requestFor = (task: Task, asks: Asks, model: ModelFacts, outputTokens: number = SHORT): Request =>
  task === "generate" ? generateRequest(asks, model, outputTokens) : embedRequest(asks)
