import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { type FailedRequest, makeTransport, type TransportOptions } from "../../../src/engine/process/Transport.ts"

/** A server that answers with bytes, each connection in turn with the answers for it, and counts its connections. */
const rawServer = Effect.fnUntraced(function* (answer: (request: string, socket: Socket) => string | undefined) {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on("error", () => {})
    socket.on("data", (bytes) => {
      const answered = answer(bytes.toString(), socket)
      if (answered !== undefined) socket.write(answered)
    })
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () =>
      Effect.callback<void>((resume) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resume(Effect.void))
      }),
  )
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections, sockets }
})

const client = (url: string, options: Partial<TransportOptions> = {}) =>
  Effect.acquireRelease(
    Effect.sync(() => makeTransport({ url, headers: {}, keepAlive: true, ...options })),
    (transport) => Effect.promise(transport.close),
  )

const get = (transport: ReturnType<typeof makeTransport>, path = "/") =>
  Effect.callback<string | FailedRequest>((resume) =>
    Effect.sync(transport.send({ method: "GET", path }, (end) => resume(Effect.succeed(end)))),
  )

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

describe("makeTransport", () => {
  it.live("uses a connection again, and opens as many as there are requests at once", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(() => OK)
      const transport = yield* client(server.url)
      assert.deepStrictEqual([yield* get(transport), yield* get(transport)], ["ok", "ok"])
      assert.strictEqual(server.connections(), 1)
      yield* Effect.all([get(transport), get(transport), get(transport)], { concurrency: "unbounded" })
      assert.strictEqual(server.connections(), 3)
    }),
  )

  it.live("uses none again that the server closes, or that was to be closed", () =>
    Effect.gen(function* () {
      const closing = yield* rawServer((_, socket) => void socket.end(OK))
      const transport = yield* client(closing.url)
      assert.strictEqual(yield* get(transport), "ok")
      yield* Effect.sleep(50) // until it is seen to be closed
      assert.strictEqual(yield* get(transport), "ok")
      const reported = yield* rawServer((request) => (/connection: close\r\n/.test(request) ? OK : undefined))
      const single = yield* client(reported.url, { keepAlive: false })
      assert.deepStrictEqual([yield* get(single), yield* get(single)], ["ok", "ok"])
      assert.strictEqual(reported.connections(), 2)
    }),
  )

  it.live("aborts its own request, and not the next one on the same connection", () =>
    Effect.gen(function* () {
      const server = yield* rawServer((request) => (request.startsWith("GET /slow") ? undefined : OK))
      const transport = yield* client(server.url)
      let abort = (): void => {}
      yield* Effect.callback<void>((resume) => {
        abort = transport.send({ method: "GET", path: "/" }, () => resume(Effect.void))
      })
      const slow = yield* Effect.forkChild(get(transport, "/slow"))
      yield* Effect.sleep(20)
      abort()
      yield* Effect.sleep(20)
      assert.isUndefined(slow.pollUnsafe())
      assert.strictEqual(server.connections(), 1)
      for (const socket of server.sockets) socket.write(OK)
      assert.strictEqual(yield* Fiber.join(slow), "ok")
    }),
  )

  it.live("tells a broken answer, one that never came, and a server that is none", () =>
    Effect.gen(function* () {
      const failing = Effect.fnUntraced(function* (answer: (request: string, socket: Socket) => string | undefined) {
        const server = yield* rawServer(answer)
        const ended = yield* get(yield* client(server.url))
        return typeof ended === "string" ? ended : `${ended.kind}: ${ended.detail}`
      })
      assert.match(
        yield* failing(() => "220 mail ready\r\n\r\n"),
        /^no-answer: answered with something other than HTTP: "220 mail ready"/,
      )
      assert.match(yield* failing((_, socket) => void socket.end()), /^no-answer: the server closed the connection/)
      const half = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"
      assert.match(yield* failing((_, socket) => void socket.end(half)), /^truncated: the server closed/)
      const server = yield* rawServer(() => OK)
      const secure = yield* get(yield* client(server.url.replace("http:", "https:")))
      assert.strictEqual(typeof secure === "string" ? secure : secure.kind, "unreachable")
    }),
  )

  it.live("sends no header that would be two", () =>
    Effect.gen(function* () {
      const server = yield* rawServer(() => OK)
      const ended = yield* get(yield* client(server.url, { headers: { authorization: "Bearer secret\nx: y" } }))
      assert.deepStrictEqual(ended, {
        kind: "unreachable",
        detail: "the header authorization has a character that is not allowed in a header, such as a line break",
      })
      assert.strictEqual(server.connections(), 0)
    }),
  )
})
