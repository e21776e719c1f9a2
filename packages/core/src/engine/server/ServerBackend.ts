import { Effect, type Scope } from "effect"
import type { Backend, OpenInput, Session } from "../../Backend.ts"
import type { BackendError } from "../../runtime/BackendError.ts"
import { requestFailed } from "../../runtime/RequestFailed.ts"
import type { HttpFailure } from "../process/HttpFailure.ts"
import { openOwn } from "./OpenOwn.ts"
import type { AttachedServer, OwnServer, ServerServices } from "./ServerEngine.ts"
import { serverIdentity } from "./ServerIdentity.ts"
import { reasonsOf } from "./ServerReasons.ts"
import { sendTo } from "./ServerSession.ts"

/**
 * A backend whose engine is an OpenAI-compatible server, our own or one started by others: `server` says what is
 * specific to it. Port, nonce, process, proof, requests and the explanation of failures are the same for all.
 */
export const serverBackend = <Config, Context, Proof, R = never>({
  server,
  ...backend
}: Omit<Backend<Config, R | ServerServices>, "open"> & {
  readonly server: OwnServer<Config, Context, Proof, R> | AttachedServer<Config, Context, R>
}): Backend<Config, R | ServerServices> => ({
  ...backend,
  open: (input) =>
    server.attach !== undefined ? openAttached(backend.id, server, input) : openOwn(backend.id, server, input),
})

/** Attaches to a server; closing the scope aborts its requests, and leaves the server running. */
const openAttached = Effect.fn("ServerBackend.openAttached")(function* <Config, Context, R>(
  id: string,
  server: AttachedServer<Config, Context, R>,
  input: OpenInput<Config>,
): Effect.fn.Return<Session, BackendError, R | Scope.Scope> {
  const failed = requestFailed(id)
  const { client, context, model, refusesLonger } = yield* server.attach(input)
  const { refused } = reasonsOf(server.name, server.reasons)
  const explained = <A>(sending: Effect.Effect<A, HttpFailure>) =>
    Effect.mapError(sending, (failure) => failed(refused(failure, input.config), failure))
  const shown = (said: string): string => server.shown?.(said, input.config) ?? said
  return {
    effective: yield* explained(server.effective({ proof: undefined, context, log: "", client, input })).pipe(
      Effect.mapError((early) => early.asBackendError()),
    ),
    pids: [],
    send: sendTo({ id, server, input, client, model, refusesLonger, explained }),
    identify: Effect.map(serverIdentity(client, model), ({ absent, ...known }) =>
      absent === undefined ? known : { ...known, absent: shown(absent) },
    ),
  }
})
