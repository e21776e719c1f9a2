import { FILE_LIMITS, readText } from "@rigbook/core"
import type { Workspace } from "@rigbook/records"
import { livePage, liveRun, liveState } from "@rigbook/reporters"
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { createServer, type Server, type ServerResponse } from "node:http"
import { join } from "node:path"
import { usageFailure } from "../Failure.ts"
import { type Answer, answerOf, FILE_POLICY, HEADERS, linkedFiles, PAGE_POLICY } from "./Respond.ts"
import type { Watched } from "./Watch.ts"

/** A server that shows a workspace on loopback. */
export interface LiveServer {
  readonly port: number
  /** Notifies every window of a change. */
  readonly tell: (watched: Watched) => void
}

/** Windows of one browser share six connections to a host; more windows than anybody uses. */
const MOST_WINDOWS = 1_000
/** So that a dead connection is detected. */
const HEARTBEAT_MS = 15_000
/** A connection that takes nothing for so long is closed: what it has not taken is kept in memory. */
const STALLED_MS = 60_000
/** The same for a window, whose events are small: what it may leave untaken, in bytes. */
const UNTAKEN_BYTES = 2 ** 18

/** Listens on 127.0.0.1 alone until the scope closes; then every connection is closed. Port 0 picks a free one. */
export const liveServer = Effect.fn("Server.liveServer")(function* (
  workspace: Workspace,
  port: number,
  first: Watched,
) {
  let watched = first
  let files = linkedFiles(first.registry)
  const windows = new Set<ServerResponse>()
  // A restarted server counts from one again: windows of the earlier one must notice that it is another.
  const own = randomUUID().slice(0, 8)
  const version = () => `${own}-${watched.version}`
  const runText = () =>
    JSON.stringify(watched.run === undefined ? null : liveRun(watched.run, watched.registry.metrics))
  let lastRun = runText()
  // Made once for each version, however many request it, and sent from the same memory.
  let texts = versionTexts(watched, version())

  const answers = (answer: Answer, response: ServerResponse): void => {
    switch (answer.kind) {
      case "page":
        return send(response, 200, "text/html", texts.page(), PAGE_POLICY)
      case "state":
        return send(response, 200, "application/json", texts.state())
      case "events":
        if (windows.size >= MOST_WINDOWS)
          return send(response, 503, "text/plain", "Too many windows are open. Close some.")
        response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream; charset=utf-8" })
        if (response.req.method === "HEAD") return void response.end()
        windows.add(response)
        response.on("close", () => windows.delete(response))
        response.write(event("registry", version()) + event("run", lastRun))
        return
      case "file":
        return sendFile(workspace.root, answer.path, response)
      case "redirect":
        response.writeHead(302, { ...HEADERS, location: answer.to }).end()
        return
      case "refused":
        return send(response, answer.status, "text/plain", `${answer.text}\n`)
    }
  }
  const server = createServer(({ headers, method = "", url = "/" }, response) => {
    answers(answerOf({ host: headers.host, method, url }, files), response)
  })
  server.setTimeout(STALLED_MS)
  const bound = yield* listening(server, port)
  const toWindows = (text: string): void => {
    for (const window of windows) {
      if (window.writableLength > UNTAKEN_BYTES) window.destroy()
      else window.write(text)
    }
  }
  const beat = setInterval(() => toWindows(":\n\n"), HEARTBEAT_MS)
  yield* Effect.addFinalizer(() =>
    Effect.callback<void>((resume) => {
      clearInterval(beat)
      server.close(() => resume(Effect.void))
      server.closeAllConnections()
    }),
  )
  const broadcast = (name: string, data: string) => toWindows(event(name, data))
  return {
    port: bound,
    tell: (next) => {
      const changed = next.version !== watched.version
      watched = next
      if (changed) {
        files = linkedFiles(next.registry)
        texts = versionTexts(next, version())
        broadcast("registry", version())
      }
      const run = runText()
      if (run !== lastRun) broadcast("run", (lastRun = run))
    },
  } satisfies LiveServer
})

const listening = (server: Server, port: number) =>
  Effect.callback<number, ReturnType<typeof usageFailure>>((resume) => {
    server.once("error", ({ code, message }: NodeJS.ErrnoException) =>
      resume(
        Effect.fail(
          usageFailure(
            code === "EADDRINUSE"
              ? `Port ${port} is in use. Choose another with --port, or omit it to use a free one.`
              : `Can't listen on 127.0.0.1:${port}: ${message}`,
          ),
        ),
      ),
    )
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const address = server.address()
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : port))
    })
  })

/** What a version is shown as; each is made when it is first requested. */
const versionTexts = ({ registry }: Watched, version: string) => {
  const once = (text: () => string) => {
    let made: Buffer | undefined
    return () => (made ??= Buffer.from(text()))
  }
  return { page: once(() => livePage(registry, version)), state: once(() => JSON.stringify(liveState(registry))) }
}

const event = (name: string, data: string): string => `event: ${name}\ndata: ${data}\n\n`

const send = (
  response: ServerResponse,
  status: number,
  type: string,
  text: string | Buffer,
  policy = FILE_POLICY,
): void => {
  response
    .writeHead(status, { ...HEADERS, "content-type": `${type}; charset=utf-8`, "content-security-policy": policy })
    .end(text)
}

/** A file that the page links to. */
const sendFile = (root: string, path: string, response: ServerResponse): void =>
  Effect.runSync(
    Effect.match(readText(join(root, path), FILE_LIMITS.generated), {
      onSuccess: (text) => send(response, 200, path.endsWith(".json") ? "application/json" : "text/plain", text),
      onFailure: ({ detail, missing }) =>
        missing
          ? send(response, 404, "text/plain", "The file no longer exists.\n")
          : send(response, 403, "text/plain", `This file ${detail}.\n`),
    }),
  )
