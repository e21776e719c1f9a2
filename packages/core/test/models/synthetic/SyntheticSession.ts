import * as Effect from "effect/Effect" // alone: the client that is measured loads no more than it needs
import type { Session } from "../../../src/Backend.ts"
import { openAiClient } from "../../../src/engine/process/OpenAiClient.ts"
import { Refused } from "../../../src/runtime/BackendError.ts"
import { requestFailed } from "../../../src/runtime/RequestFailed.ts"
import { Effective } from "../../../src/runtime/Runtime.ts"

const failed = requestFailed("synthetic")

/** A session that asks the server at this port; it names no process, so that no memory is read. */
export const syntheticSession = Effect.fnUntraced(function* (port: number) {
  const client = yield* openAiClient(port, { keepAlive: true })
  const session: Session = {
    effective: new Effective({ devices: [], settings: {}, buffers: [] }),
    pids: [],
    send: (request, observer) =>
      request.task === "embed"
        ? Effect.die(new Error("the synthetic server is only asked to generate"))
        : client.stream(request, "synth", {}, observer).pipe(
            Effect.map(({ completion }) => completion),
            Effect.mapError((failure) =>
              failed(new Refused({ detail: failure.message, fix: "That was on purpose." }), failure),
            ),
          ),
  }
  return session
})
