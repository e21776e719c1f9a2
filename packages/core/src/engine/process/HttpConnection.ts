import { Buffer } from "node:buffer"
import { type Socket, type TcpNetConnectOpts, connect as connectTcp, isIP } from "node:net"
import { makeResponseReader, type ResponseHandler, type ResponseReader } from "./HttpResponse.ts"

/** The events of a request. It ends with `end` or with `failed`, and nothing is called after that. */
export interface ExchangeHandler extends ResponseHandler {
  /** There is a connection, and the request is written now. */
  readonly sent: () => void
  /** The connection failed or broke, or the answer is not HTTP. */
  readonly failed: (error: Error) => void
}

/** An answer has more bytes than are read of it: it may never end. */
export class AnswerTooLong extends Error {
  constructor(most: number) {
    super(`sent more than ${most.toLocaleString("en")} bytes, which is as much as is read of this answer`)
  }
}

/** A connection to a server, for one request after the other. */
export interface HttpConnection {
  /**
   * Sends a request as soon as there is a connection; the one before must have ended. An answer of more than `most` bytes,
   * head and framing included, fails with `AnswerTooLong`. The returned function aborts it: the connection is closed,
   * unless the exchange has ended.
   */
  readonly exchange: (request: string, handler: ExchangeHandler, most: number) => () => void
  /** The current request fails with this. */
  readonly destroy: (why: Error) => void
}

/**
 * All connections of a thread read into one memory: bytes are processed before the next are read. A buffer for each
 * read, as Node makes them, is most of the garbage of a client.
 */
const READ = Buffer.allocUnsafeSlow(65_536)

/** `onClosed` is called once, when it can't be used any more. */
export const openConnection = (server: URL, onClosed: (connection: HttpConnection) => void): HttpConnection => {
  let current: { readonly handler: ExchangeHandler; readonly reader: ResponseReader; readonly most: number } | undefined
  let received = 0
  let unsent: string | undefined
  let ready = false
  let error: Error | undefined
  const read = (length: number): boolean => {
    try {
      if (current === undefined) throw new Error("sent an answer without a request")
      received += length
      if (received > current.most) throw new AnswerTooLong(current.most)
      current.reader.read(READ, length)
    } catch (cause) {
      socket.destroy(cause as Error)
    }
    return true
  }
  const write = (request: string): void => {
    current?.handler.sent()
    socket.write(request)
  }
  const socket = dial(server, read, () => {
    ready = true
    if (unsent !== undefined) write(unsent)
    unsent = undefined
  })
  socket.on("error", (cause) => (error = cause))
  socket.on("close", () => {
    onClosed(connection)
    const broken = current
    if (error === undefined && broken?.reader.closed() === true) return
    current = undefined
    broken?.handler.failed(error ?? new Error("the server closed the connection"))
  })
  const connection: HttpConnection = {
    exchange: (request, handler, most) => {
      const reader = makeResponseReader({
        ...handler,
        end: (keepAlive) => {
          current = undefined
          handler.end(keepAlive && socket.writableLength === 0) // unless the request was answered before it was read
        },
      })
      current = { handler, reader, most }
      received = 0
      if (ready) write(request)
      else unsent = request
      return () => {
        if (current?.reader === reader) socket.destroy(new Error("interrupted"))
      }
    },
    destroy: (why) => void socket.destroy(why),
  }
  return connection
}

const dial = (server: URL, callback: (length: number) => boolean, onReady: () => void): Socket => {
  const secure = server.protocol === "https:"
  const host = server.hostname.replace(/^\[|\]$/g, "")
  const port = Number(server.port) || (secure ? 443 : 80)
  const options: TcpNetConnectOpts = { host, port, noDelay: true, onread: { buffer: READ, callback } }
  if (!secure) return connectTcp(options, onReady)
  const tls = process.getBuiltinModule("node:tls") // not loaded for a server on loopback
  return tls.connect({ ...options, ...(isIP(host) === 0 ? { servername: host } : {}) }, onReady)
}
