import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { fakeServer } from "@rigbook/testkit"
import { ANSWERS, events, type Lie, STRANGER_TOKENS, TARGETS } from "./FaultyAnswers.ts"
import { SECRETS } from "./Secrets.ts"

const listen = async (server: ReturnType<typeof createServer>): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A server that lies as it is set to, and otherwise is the fake server. `lies` may be changed while it runs. */
export const makeFaultyServer = async () => {
  const honest = fakeServer({ bearer: SECRETS.token, version: () => "1.0.0" })
  const counts = new Map<string, number>()
  let [lies, strangers]: [ReadonlyArray<Lie>, number] = [[], 0]
  const stranger = createServer((_request, response) => {
    strangers++
    events(response, [
      { data: [{ id: "stranger" }], choices: [{ delta: { content: "a" }, text: "a", finish_reason: "length" }] },
      { choices: [], usage: { prompt_tokens: STRANGER_TOKENS, completion_tokens: 4 } },
      "[DONE]",
    ])
  })
  const strangerUrl = await listen(stranger)
  const server = createServer((request, response) => {
    const path = TARGETS.find((target) => target === request.url) ?? "other"
    const count = (counts.get(path) ?? 0) + 1
    counts.set(path, count)
    const lie = lies.find(({ from, to }) => to === path && count >= from)
    response.on("error", () => {})
    if (lie === undefined) return void honest.emit("request", request, response)
    request.resume()
    ANSWERS[lie.how](response, request, count, strangerUrl)
  })
  server.on("clientError", (_error, socket) => socket.destroy())
  return {
    url: await listen(server),
    lie: (next: ReadonlyArray<Lie>): void => {
      lies = next
      counts.clear()
      strangers = 0
    },
    requests: (to: Lie["to"]): number => counts.get(to) ?? 0,
    /** Requests that came to the other server, which nothing names. */
    strangers: (): number => strangers,
    close: (): void => {
      for (const one of [server, stranger]) {
        one.closeAllConnections()
        one.close()
      }
    },
  }
}
export type FaultyServer = Awaited<ReturnType<typeof makeFaultyServer>>
