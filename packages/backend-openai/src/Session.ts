import { type BackendError, Effective, type OpenInput, type Session, Unsupported } from "@rigbook/core"
import { embedTexts, type HttpFailure, serverIdentity } from "@rigbook/core/engine"
import { Effect, type Scope } from "effect"
import { connect, fail, withoutToken } from "./Endpoint.ts"
import { httpReason } from "./HttpReason.ts"
import type { Options } from "./Options.ts"
import { findModel, sameAsPlanned } from "./Runtime.ts"

/** Servers, by what they call themselves, that refuse texts beyond their limit where others cut them. */
const REFUSING: ReadonlyArray<string> = ["vllm", "llamacpp"]

/** Attaches to the server; closing the scope aborts what was asked of it, and leaves the server as it is. */
export const open: (input: OpenInput<Options>) => Effect.Effect<Session, BackendError, Scope.Scope> = Effect.fn(
  "Session.open",
)(function* ({ config, model, openTimeoutMs, runtime, task }) {
  const client = yield* connect(config)
  const { id, owned_by: owner = "" } = yield* findModel(client, config, openTimeoutMs)
  yield* sameAsPlanned(client, config, id, runtime)
  const refusesLonger = REFUSING.includes(owner)
  const explained = <A>(sending: Effect.Effect<A, HttpFailure>) =>
    Effect.mapError(sending, (failure) => fail(httpReason(config, failure), [], failure))
  const session: Session = {
    // What holds the model, and how it was started, no such server tells.
    effective: new Effective({ devices: [], settings: { model: id }, buffers: [] }),
    pids: [],
    send: (request, observer) => {
      if (request.task !== task)
        return unsupported(`The model was opened to ${task}, and was asked to ${request.task}.`)
      if (request.task === "embed") return explained(embedTexts(client, id, request, observer, { refusesLonger }))
      if ("messages" in request.prompt && !model.chatTemplate)
        return unsupported("The prompt is a chat, but the model's files have no chat template.")
      const asked = client.stream(request, id, config.body, observer)
      return explained(Effect.map(asked, ({ completion }) => completion))
    },
    identify: Effect.map(serverIdentity(client, id), ({ absent, ...known }) =>
      absent === undefined ? known : { ...known, absent: withoutToken(config, absent) },
    ),
  }
  return session
})

const unsupported = (detail: string) =>
  Effect.fail(
    fail(new Unsupported({ detail, fix: "Give the config scenarios and prompts that the model is made for." })),
  )
