import { Effective } from "@rigbook/core"
import { type AttachedServer, type HttpFailure, type OpenAiClient, untilLoaded } from "@rigbook/core/engine"
import { Effect } from "effect"
import { connect, fail, shown } from "./Endpoint.ts"
import { httpReason } from "./HttpReason.ts"
import { type Kind, KINDS, put } from "./Kinds.ts"
import type { Options } from "./Options.ts"
import { findModel, sameAsPlanned, stillLoading } from "./Runtime.ts"

/** Waits for what a server does not report, too, but not for a failure: the first request shows whether it matters. */
const ready = (asking: Effect.Effect<unknown, HttpFailure>, options: Options, waitMs: number) =>
  untilLoaded(asking, waitMs).pipe(
    Effect.catchTag("HttpFailure", () => Effect.void),
    Effect.catchTag("StillLoading", (late) => Effect.fail(fail(stillLoading(options, late)))),
    Effect.timeoutOption(waitMs),
  )

/** llama-server lists its model while it still loads it, a router and Ollama before they do: only now it is there. */
const untilThere = Effect.fnUntraced(function* (
  client: OpenAiClient,
  options: Options,
  { kind, model, waitMs }: { readonly kind: Kind | undefined; readonly model: string; readonly waitMs: number },
) {
  yield* ready(client.getText("/health"), options, waitMs)
  if (kind?.load !== undefined) yield* ready(put(client, kind.load, model), options, waitMs)
})

/** The server at the address. No such server reports what holds the model, or how it was started. */
export const server: AttachedServer<Options, { readonly model: string }, never> = {
  name: "The server",
  attach: Effect.fn("Server.attach")(function* ({ config, openTimeoutMs, runtime }) {
    const client = yield* connect(config)
    const kind = KINDS.find(({ program }) => program === runtime.program)
    const patience = { timeoutMs: openTimeoutMs, waitMs: openTimeoutMs }
    const { id: model } = yield* findModel(client, config, Effect.succeed(kind), patience)
    yield* untilThere(client, config, { kind, model, waitMs: openTimeoutMs })
    yield* sameAsPlanned(client, config, kind, model, runtime)
    return { client, model, context: { model }, refusesLonger: kind?.refusesLonger ?? false }
  }),
  effective: ({ context }) => Effect.succeed(new Effective({ devices: [], settings: { ...context }, buffers: [] })),
  body: ({ natural = false }, { body }, { program }) => {
    const { always = {}, exact = {} } = KINDS.find((kind) => kind.program === program) ?? {}
    return { ...always, ...(natural ? {} : exact), ...body }
  },
  reasons: { refused: (failure, config) => httpReason(config, failure) },
  shown: (said, config) => shown(config, said),
}
