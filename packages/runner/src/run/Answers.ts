import {
  Answers,
  type Completion,
  isBatch,
  masked,
  type Observer,
  type PromptSet,
  type Request,
  type Scenario,
  type Session,
  trialWork,
} from "@rigbook/core"
import { Effect } from "effect"

/** Enough to distinguish a broken template from rounding (see Equivalence), and a small part of a cell's time. */
const TEXTS = 6
const OUTPUT_TOKENS = 32
const DOCUMENTS = 8

/** The requests whose answers are stored: the same for all scenarios of a prompt set, except for the batch size. */
export const answerRequests = (scenario: Scenario, set: PromptSet): ReadonlyArray<Request> => {
  const first = (count: number): number => Math.min(count, set.prompts.length)
  const prompts = set.name
  const requested: Scenario = isBatch(scenario)
    ? { kind: "batch", prompts, documents: first(DOCUMENTS), batchSize: Math.min(scenario.batchSize, DOCUMENTS) }
    : { kind: "latency", prompts, requests: first(TEXTS), outputTokens: OUTPUT_TOKENS }
  return trialWork(requested, set, "answers").requests.flatMap(({ request }) => {
    if (request.task === "diverge") return []
    return request.task === "embed" ? { ...request, returnVectors: true } : request
  })
}

const DEAF: Observer = { sent: () => {}, chunk: () => {} }

/**
 * Sends one request after the other, each for at most `timeoutMs`. An engine that fails here has no answers, with the
 * reason stored; whether the cell fails is decided by its trials.
 */
export const askForAnswers = (
  session: Session,
  requests: ReadonlyArray<Request>,
  timeoutMs: number,
): Effect.Effect<Answers> =>
  requests.length === 0
    ? Effect.succeed({ absent: "the scenario generates its prompts" })
    : Effect.forEach(requests, (request) => Effect.timeout(session.send(request, DEAF), timeoutMs)).pipe(
        Effect.map((completions) => answersOf(requests, completions)),
        Effect.catchTag(["BackendError", "RequestFailed"], ({ reason }) =>
          Effect.succeed({ absent: `${reason._tag}: ${reason.detail}` }),
        ),
        Effect.catchTag("TimeoutError", () =>
          Effect.succeed({ absent: `no answer within ${timeoutMs / 1000} s a request` }),
        ),
      )

const answersOf = (requests: ReadonlyArray<Request>, completions: ReadonlyArray<Completion>): Answers => {
  const [requested] = requests
  if (requested?.task === "embed") {
    const { base64, count = 0, dimensions = 0 } = completions[0]?.vectors ?? {}
    return base64 === undefined || count === 0 || dimensions === 0
      ? { absent: "the backend does not return vectors" }
      : { vectors: { count, dimensions, base64 } }
  }
  const [first, ...rest] = completions.flatMap(({ inputTokens, text }) =>
    text === undefined ? [] : [{ text: masked(text), ...(inputTokens === undefined ? {} : { inputTokens }) }],
  )
  return first === undefined || rest.length + 1 < requests.length
    ? { absent: "the backend does not return text" }
    : { texts: [first, ...rest], outputTokens: requested?.outputTokens ?? OUTPUT_TOKENS }
}
