import { Effect } from "effect"
import type { OpenInput, Session } from "../../Backend.ts"
import { type BackendError, backendError, Unsupported } from "../../runtime/BackendError.ts"
import type { RequestFailed } from "../../runtime/RequestFailed.ts"
import type { Completion } from "../../scenario/Request.ts"
import type { HttpFailure } from "../process/HttpFailure.ts"
import type { OpenAiClient } from "../process/OpenAiClient.ts"
import { embedTexts } from "../process/OpenAiEmbeddings.ts"
import type { ServerRequests } from "./ServerEngine.ts"

/** What is needed to send requests to a server. */
export interface Asking<Config> {
  /** The backend's id, for its errors. */
  readonly id: string
  readonly server: ServerRequests<Config>
  readonly input: OpenInput<Config>
  readonly client: OpenAiClient
  /** The model's name there. */
  readonly model: string
  /** See `OwnServer.refusesLonger`. */
  readonly refusesLonger?: boolean | undefined
  /** Why a request failed, from everything known. */
  readonly explained: <A>(sending: Effect.Effect<A, HttpFailure>) => Effect.Effect<A, BackendError | RequestFailed>
}

/** Answers requests with a server, and refuses those that it can't answer as intended. */
export const sendTo =
  <Config>({ client, explained, id, input, model, refusesLonger = false, server }: Asking<Config>): Session["send"] =>
  (request, observer) => {
    const { config, task } = input
    const unsupported = (detail: string, fix: string): Effect.Effect<Completion, BackendError> =>
      Effect.fail(backendError(id)(new Unsupported({ detail, fix })))
    if (request.task !== task)
      return unsupported(
        `The model was opened to ${task}, but the request is to ${request.task}.`,
        "Use scenarios of the config's own task.",
      )
    if (request.task === "embed") {
      const { batchSize } = request
      const [option, slots] = server.slots?.(config) ?? ["", Infinity]
      return batchSize > slots
        ? unsupported(
            `One forward pass should have ${batchSize} texts, but ${server.name} computes ${slots} at once.`,
            `Set ${option}: ${batchSize} in backends.${id}, or batchSize: ${slots} in the scenario.`,
          )
        : explained(embedTexts(client, model, request, observer, { refusesLonger }))
    }
    if ("messages" in request.prompt && !input.model.chatTemplate)
      return unsupported(
        "The prompt is a chat, but the model's files have no chat template.",
        "Use a prompt set of plain texts for this model, or its instruct version.",
      )
    return Effect.map(
      explained(client.stream(request, model, server.body(request, config, input.runtime), observer)),
      ({ completion, last }) => server.completion?.(completion, last) ?? completion,
    )
  }
