import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ServerResponse } from "node:http"
import { createServer, type Socket } from "node:net"
import type { AddressInfo } from "node:net"
import { openAiClient } from "../../../src/engine/process/OpenAiClient.ts"
import { embedTexts } from "../../../src/engine/process/OpenAiEmbeddings.ts"
import { Stamps } from "../../../src/scenario/Stamps.ts"
import { httpServer } from "../../fakes/httpServer.ts"

const MIB = 2 ** 20
const MOST = 16 * MIB
/** What fits into the buffers of two sockets after a client has gone. */
const IN_FLIGHT = 16 * MIB

/** Writes pieces as fast as they are read, until the client goes. */
const endless = (to: ServerResponse | Socket, piece: string): { readonly bytes: () => number } => {
  const bytes = Buffer.from(piece.repeat(Math.ceil(65_536 / piece.length)))
  let sent = 0
  const write = (): void => {
    while (!to.destroyed && to.writable) {
      sent += bytes.length
      if (!to.write(bytes)) return void to.once("drain", write)
    }
  }
  to.on("error", () => {})
  write()
  return { bytes: () => sent }
}

/** A server whose every answer begins so and does not end; and how many bytes it got rid of. */
const endlessServer = Effect.fnUntraced(function* (piece: string, status = 200, type = "application/json") {
  let sent = (): number => 0
  const { port } = yield* httpServer((response) => {
    response.writeHead(status, { "content-type": type })
    sent = endless(response, piece).bytes
  })
  return { client: yield* openAiClient(port), sent: () => sent() }
})

const REQUEST = { task: "generate", prompt: { text: "Once" }, outputTokens: 100 } as const
const OBSERVERS = {
  "in this thread": () => ({ sent: () => {}, chunk: () => {} }),
  "in a thread of its own": () => ({
    sent: () => {},
    chunk: () => {},
    stamps: Stamps.of(2, 0, Number(process.hrtime.bigint())),
  }),
}
const token = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "token" } }] })}\n\n`

describe("answers without end", () => {
  for (const path of ["/v1/models", "/props", "/health", "/metrics"])
    it.live(`of ${path} are read up to a limit, which the failure names`, () =>
      Effect.gen(function* () {
        const { client, sent } = yield* endlessServer('{"data":[')
        const ask = path === "/metrics" ? client.getText(path) : client.getJson(path)
        const { kind, message } = yield* Effect.flip(ask)
        assert.strictEqual(kind, "truncated")
        assert.include(message, `${path}: sent more than 16,777,216 bytes`)
        assert.isBelow(sent(), MOST + IN_FLIGHT)
      }),
    )

  it.live("of embeddings are read as far as vectors of that many texts go", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* endlessServer('{"data":[')
      const request = { task: "embed", texts: ["a", "b"], batchSize: 2 } as const
      const { message } = yield* Effect.flip(embedTexts(client, "m", request, { sent: () => {}, chunk: () => {} }))
      assert.include(message, "sent more than 17,301,504 bytes")
      assert.isBelow(sent(), MOST + 2 * 2 ** 18 + IN_FLIGHT)
    }),
  )

  it.live("of refusals end as refusals, with what they began with", () =>
    Effect.gen(function* () {
      const { client, sent } = yield* endlessServer("Loading model. ", 503)
      for (const ask of [client.getJson("/health"), client.postJson("/v1/embeddings", {})]) {
        const { detail, kind, status } = yield* Effect.flip(ask)
        assert.deepStrictEqual({ kind, status }, { kind: "refused", status: 503 })
        assert.match(detail, /^Loading model\. /)
        assert.lengthOf(detail, 2000)
        assert.isBelow(sent(), MOST + IN_FLIGHT)
      }
    }),
  )

  for (const [way, observer] of Object.entries(OBSERVERS)) {
    it.live(`of tokens are read as far as the requested ones go, ${way}`, () =>
      Effect.gen(function* () {
        const { client, sent } = yield* endlessServer(token, 200, "text/event-stream")
        const { message } = yield* Effect.flip(client.stream(REQUEST, "m", {}, observer()))
        assert.include(message, "sent more than 17,186,816 bytes")
        assert.isBelow(sent(), MOST + 100 * 4096 + IN_FLIGHT)
      }),
    )

    for (const [what, piece] of [
      ["a line", "x"],
      ["an event", "data: x\n"],
    ] as const)
      it.live(`of ${what} without end are given up, ${way}`, () =>
        Effect.gen(function* () {
          const { client, sent } = yield* endlessServer(piece, 200, "text/event-stream")
          const { message } = yield* Effect.flip(client.stream(REQUEST, "m", {}, observer()))
          assert.include(message, "sent more than 4,194,304 bytes without the end of an event")
          assert.isBelow(sent(), MOST + IN_FLIGHT)
        }),
      )
  }

  const BARE: Readonly<Record<string, readonly [begin: string, piece: string, why?: string]>> = {
    "interim answers": ["", "HTTP/1.1 100 Continue\r\n\r\n", "sent more than 32 interim answers"],
    "the extension of a chunk": ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", "x"],
    "a trailer": ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", "a: b\r\n"],
    "packed bytes": ["HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n", "\0", "answered in gzip"],
  }
  for (const [what, [begin, piece, why = "sent more than 16,777,216 bytes"]] of Object.entries(BARE))
    it.live(`of ${what} are no way around the limit`, () =>
      Effect.gen(function* () {
        const server = yield* Effect.acquireRelease(
          Effect.callback<ReturnType<typeof createServer>>((resume) => {
            const made = createServer((socket) => {
              socket.once("data", () => {
                socket.write(begin)
                endless(socket, piece)
              })
            })
            made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
          }),
          (made) => Effect.sync(() => void made.close()),
        )
        const client = yield* openAiClient((server.address() as AddressInfo).port)
        const { message } = yield* Effect.flip(client.getText("/health"))
        assert.include(message, why)
      }),
    )

  it.live("nested without end are no values", () =>
    Effect.gen(function* () {
      const { port } = yield* httpServer((response) => void response.end(`${"[".repeat(200)}${"]".repeat(200)}`))
      const { kind, message } = yield* Effect.flip((yield* openAiClient(port)).getJson("/props"))
      assert.strictEqual(kind, "malformed")
      assert.include(message, "JSON that is nested more than 128 deep")
    }),
  )
})
