import { Effective } from "@rigbook/core"
import { type AttachedServer, type OpenAiClient, untilLoaded } from "@rigbook/core/engine"
import { Effect } from "effect"
import { connect, fail, withoutToken } from "./Endpoint.ts"
import { httpReason } from "./HttpReason.ts"
import { KINDS } from "./Kinds.ts"
import type { Options } from "./Options.ts"
import { findModel, sameAsPlanned, stillLoading } from "./Runtime.ts"

/** Of a server that reports no state. */
const STATE_MS = 5_000

/** llama-server lists its model while it still loads it: only its state says so. */
const untilHealthy = (client: OpenAiClient, options: Options, waitMs: number) =>
  untilLoaded(client.getText("/health"), waitMs).pipe(
    Effect.catchTag("HttpFailure", () => Effect.void),
    Effect.catchTag("StillLoading", (late) => Effect.fail(fail(stillLoading(options, late)))),
    Effect.timeoutOption(waitMs + STATE_MS),
  )

/** The server at the address. No such server reports what holds the model, or how it was started. */
export const server: AttachedServer<Options, { readonly model: string }, never> = {
  name: "The server",
  attach: Effect.fn("Server.attach")(function* ({ config, openTimeoutMs, runtime }) {
    const client = yield* connect(config)
    const kind = KINDS.find(({ program }) => program === runtime.program)
    const patience = { timeoutMs: openTimeoutMs, waitMs: openTimeoutMs }
    const { id: model } = yield* findModel(client, config, Effect.succeed(kind), patience)
    yield* untilHealthy(client, config, openTimeoutMs)
    yield* sameAsPlanned(client, config, kind, model, runtime)
    return { client, model, context: { model }, refusesLonger: kind?.refusesLonger ?? false }
  }),
  effective: ({ context }) => Effect.succeed(new Effective({ devices: [], settings: { ...context }, buffers: [] })),
  body: ({ natural = false }, { body }, { program }) => {
    const { always = {}, exact = {} } = KINDS.find((kind) => kind.program === program) ?? {}
    return { ...always, ...(natural ? {} : exact), ...body }
  },
  reasons: { refused: (failure, config) => httpReason(config, failure) },
  shown: (said, config) => withoutToken(config, said),
}
