import { Effective } from "@rigbook/core"
import type { AttachedServer } from "@rigbook/core/engine"
import { Effect } from "effect"
import { connect, shown } from "./Endpoint.ts"
import { httpReason } from "./HttpReason.ts"
import type { Options } from "./Options.ts"
import { findModel, sameAsPlanned } from "./Runtime.ts"

/** Servers, by the name they report, that refuse texts beyond their limit; others cut them. */
const REFUSING: ReadonlyArray<string> = ["vllm", "llamacpp"]

/** The server at the address. No such server reports what holds the model, or how it was started. */
export const server: AttachedServer<Options, { readonly model: string }, never> = {
  name: "The server",
  attach: Effect.fn("Server.attach")(function* ({ config, openTimeoutMs, runtime }) {
    const client = yield* connect(config)
    const { id: model, owned_by: owner = "" } = yield* findModel(client, config, openTimeoutMs)
    yield* sameAsPlanned(client, config, model, runtime)
    return { client, model, context: { model }, refusesLonger: REFUSING.includes(owner) }
  }),
  effective: ({ context }) => Effect.succeed(new Effective({ devices: [], settings: { ...context }, buffers: [] })),
  body: (_, { body }) => body,
  reasons: { refused: (failure, config) => httpReason(config, failure) },
  shown: (said, config) => shown(config, said),
}
