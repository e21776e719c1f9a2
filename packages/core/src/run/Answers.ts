import { Effect, Schema } from "effect"
import type { Session } from "../Backend.ts"
import type { PromptSet } from "../workload/PromptSet.ts"
import type { Completion, Observer, Request } from "../workload/Request.ts"
import type { Scenario } from "../workload/Scenario.ts"
import { trialWork } from "../workload/TrialWork.ts"

const Count = Schema.Int.check(Schema.isGreaterThan(0))

/**
 * What a model answered to a few fixed requests, asked once a cell and outside of its trials: so that engines which
 * run one model can be held against each other.
 */
export const Answers = Schema.Union([
  Schema.Struct({
    /** Written greedily to the first prompts of the set, in their order. */
    texts: Schema.NonEmptyArray(
      Schema.Struct({
        text: Schema.String,
        /** Tokens that the engine read the prompt as: a template or tokenizer that differs shows here first. */
        inputTokens: Schema.optionalKey(Count),
      }),
    ),
    /** Tokens that were asked for, of each text. */
    outputTokens: Count,
  }),
  Schema.Struct({
    /** Of the first documents of the set, in their order. */
    vectors: Schema.Struct({
      count: Count,
      dimensions: Count,
      /** The vectors one after the other, as little-endian float32. */
      base64: Schema.String,
    }),
  }),
  Schema.Struct({ absent: Schema.NonEmptyString }),
]).annotate({ identifier: "Answers" })
export type Answers = typeof Answers.Type

/** Enough to tell a broken template from rounding (see Equivalence), and still a small part of a cell's time. */
const TEXTS = 6
const OUTPUT_TOKENS = 32
const DOCUMENTS = 8

/** The requests whose answers are kept: the same for all scenarios of a prompt set, but for the batch size. */
export const answerRequests = (scenario: Scenario, set: PromptSet): ReadonlyArray<Request> => {
  const first = (count: number): number => Math.min(count, set.prompts.length)
  const prompts = set.name
  const asked: Scenario =
    scenario.kind === "batch"
      ? { kind: "batch", prompts, documents: first(DOCUMENTS), batchSize: Math.min(scenario.batchSize, DOCUMENTS) }
      : { kind: "latency", prompts, requests: first(TEXTS), outputTokens: OUTPUT_TOKENS }
  return trialWork(asked, set, "answers").requests.map(({ request }) =>
    request.task === "embed" ? { ...request, returnVectors: true } : request,
  )
}

const DEAF: Observer = { sent: () => {}, chunk: () => {} }

/**
 * Asks one request after the other, each for `timeoutMs` at most. An engine that fails here has no answers, for the
 * reason that is kept; whether the cell fails is for its trials to say.
 */
export const askForAnswers = (
  session: Session,
  requests: ReadonlyArray<Request>,
  timeoutMs: number,
): Effect.Effect<Answers> =>
  requests.length === 0
    ? Effect.succeed({ absent: "the scenario makes its prompts up" })
    : Effect.forEach(requests, (request) => session.send(request, DEAF)).pipe(
        Effect.map((completions) => answersOf(requests, completions)),
        Effect.catchTag("BackendError", ({ reason }) => Effect.succeed({ absent: `${reason._tag}: ${reason.detail}` })),
        Effect.timeoutOrElse({
          duration: timeoutMs * requests.length,
          orElse: () => Effect.succeed({ absent: `no answer within ${timeoutMs / 1000} s a request` }),
        }),
      )

const answersOf = (requests: ReadonlyArray<Request>, completions: ReadonlyArray<Completion>): Answers => {
  const [asked] = requests
  if (asked?.task === "embed") {
    const { base64, count = 0, dimensions = 0 } = completions[0]?.vectors ?? {}
    return base64 === undefined || count === 0 || dimensions === 0
      ? { absent: "the backend gives no vectors back" }
      : { vectors: { count, dimensions, base64 } }
  }
  const [first, ...rest] = completions.flatMap(({ inputTokens, text }) =>
    text === undefined ? [] : [{ text, ...(inputTokens === undefined ? {} : { inputTokens }) }],
  )
  return first === undefined || rest.length + 1 < requests.length
    ? { absent: "the backend gives no text back" }
    : { texts: [first, ...rest], outputTokens: asked?.outputTokens ?? OUTPUT_TOKENS }
}
