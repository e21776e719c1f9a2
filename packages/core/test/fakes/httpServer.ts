import { Effect } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** A request as the fake server saw it. */
export interface Observed {
  readonly method: string
  readonly url: string
  readonly body: string
  /** Whether the client has gone before it had its answer. */
  aborted: boolean
}

/** A server on loopback for the time of the scope, which answers as `answer` says. */
export const httpServer = Effect.fnUntraced(function* (answer: (response: ServerResponse, observed: Observed) => void) {
  const requests: Array<Observed> = []
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = ""
    for await (const chunk of request.setEncoding("utf8")) body += String(chunk)
    const observed: Observed = { method: request.method ?? "", url: request.url ?? "", body, aborted: false }
    response.on("close", () => (observed.aborted = !response.writableFinished))
    requests.push(observed)
    answer(response, observed)
  }
  const server = yield* Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>>((resume) => {
      const made = createServer((request, response) => void serve(request, response))
      made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
    }),
    (made) =>
      Effect.callback<void>((resume) => {
        made.close(() => resume(Effect.void))
        made.closeAllConnections()
      }),
  )
  return { port: (server.address() as AddressInfo).port, requests }
})
