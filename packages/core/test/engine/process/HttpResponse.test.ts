import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { makeResponseReader } from "../../../src/engine/process/HttpResponse.ts"

/**
 * What an answer comes to that arrives in these pieces, and whether it is whole when the connection closes after it.
 */
const read = (...pieces: ReadonlyArray<Buffer>) => {
  const heads: Array<number> = []
  const headers: Record<string, string> = {}
  const body: Array<Buffer> = []
  const ends: Array<boolean> = []
  const reader = makeResponseReader({
    head: (head) => {
      heads.push(head.status)
      for (const [name, value] of head.headers) headers[name] = value
    },
    data: (bytes, start, end) => void body.push(Buffer.from(bytes.subarray(start, end))),
    end: (keepAlive) => void ends.push(keepAlive),
  })
  for (const piece of pieces) reader.read(piece, piece.length)
  return { heads, headers, body: Buffer.concat(body).toString(), ends, whole: reader.closed() }
}
const answer = (lines: ReadonlyArray<string>, body = "") => Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`)
const chunk = (text: string, extension = "") => `${Buffer.byteLength(text).toString(16)}${extension}\r\n${text}\r\n`

const OK = "HTTP/1.1 200 OK"
const CHUNKED = [OK, "Transfer-Encoding: chunked"]

/** The same text in each framing that there is. */
const FRAMINGS: Readonly<Record<string, (texts: ReadonlyArray<string>) => Buffer>> = {
  chunked: (texts) => answer(CHUNKED, `${texts.map((text) => chunk(text)).join("")}0\r\n\r\n`),
  "chunked, with extensions and a trailer": (texts) =>
    answer(
      CHUNKED,
      `${texts.map((text) => chunk(text, ';f=00;name="ab"')).join("")}000\r\nExpires: never\r\nX: 1\r\n\r\n`,
    ),
  "of a given length": (texts) =>
    answer([OK, `content-LENGTH:  ${Buffer.byteLength(texts.join(""))} `], texts.join("")),
  "until the connection closes": (texts) => answer([OK], texts.join("")),
  "after what is no answer yet": (texts) =>
    Buffer.concat([
      answer(["HTTP/1.1 100 Continue"]),
      answer(CHUNKED, `${texts.map((text) => chunk(text)).join("")}0\r\n\r\n`),
    ]),
}

describe("makeResponseReader", () => {
  for (const [name, framed] of Object.entries(FRAMINGS))
    it.prop(
      `reads a body, wherever it is cut: ${name}`,
      {
        texts: Schema.Array(Schema.NonEmptyString),
        cuts: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 400 }))),
      },
      ({ cuts, texts: drawn }) => {
        const texts = drawn.map((text) => text.toWellFormed())
        const bytes = framed(texts)
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b), bytes.length]
        const cut = places.slice(1).map((end, index) => bytes.subarray(places[index], end))
        for (const pieces of [cut, Array.from(bytes, (byte) => Buffer.of(byte))]) {
          const { body, ends, heads, whole } = read(...pieces)
          assert.strictEqual(body, texts.join(""))
          assert.deepStrictEqual(heads, [200])
          assert.deepStrictEqual(ends, [name !== "until the connection closes"])
          assert.isTrue(whole)
        }
      },
    )

  it("tells which piece is the first of its read", () => {
    const firsts: Array<boolean> = []
    const reader = makeResponseReader({
      head: () => {},
      data: (_, __, ___, first) => void firsts.push(first),
      end: () => {},
    })
    for (const piece of [answer(CHUNKED, chunk("a")), Buffer.from(chunk("b") + chunk("c")), Buffer.from(chunk("d"))])
      reader.read(piece, piece.length)
    assert.deepStrictEqual(firsts, [false, true, false, true])
  })

  it("keeps a connection only where both sides do", () => {
    const kept = (...lines: ReadonlyArray<string>) => read(answer([...lines, "content-length: 0"])).ends
    assert.deepStrictEqual(kept(OK), [true])
    assert.deepStrictEqual(kept(OK, "Connection: Upgrade, Close"), [false])
    assert.deepStrictEqual(kept("HTTP/1.0 200 OK"), [false])
    assert.deepStrictEqual(kept("HTTP/1.0 200 OK", "connection: keep-alive"), [true])
  })

  it("has no body where there can be none, and joins headers of one name", () => {
    for (const status of [204, 304]) {
      const { body, ends, heads } = read(answer([`HTTP/1.1 ${status} Nothing`]))
      assert.deepStrictEqual({ body, ends, heads }, { body: "", ends: [true], heads: [status] })
    }
    const { headers } = read(answer([OK, "X-A: 1", "content-length: 0", "x-a:2", "empty:"]))
    assert.deepStrictEqual(headers, { "x-a": "1, 2", "content-length": "0", empty: "" })
  })

  it("is not whole when the connection closes before the end", () => {
    for (const bytes of [
      Buffer.from("HTTP/1.1 200 OK\r\ncontent-le"),
      answer([OK, "content-length: 3"], "ab"),
      answer(CHUNKED, "3\r\nab"),
      answer(CHUNKED, chunk("abc")),
      answer(CHUNKED, `${chunk("abc")}0\r\n`),
    ]) {
      const { ends, whole } = read(bytes)
      assert.isFalse(whole)
      assert.deepStrictEqual(ends, [])
    }
  })

  it("refuses what is no HTTP/1.1, and says what it was", () => {
    for (const [bytes, message] of [
      [Buffer.from("SSH-2.0-OpenSSH_9.2\r\n\r\n"), /answered with something other than HTTP: "SSH-2.0/],
      [answer(["HTTP/2 200"]), /answered with something other than HTTP/],
      [answer([OK, "no colon"]), /an invalid header: "no colon"/],
      [answer([OK, "x : 1"]), /an invalid header/],
      [answer([OK, "transfer-encoding: gzip"]), /a body coded as gzip/],
      [answer([OK, "content-length: 3, 3"]), /a content length of 3, 3/],
      [answer([OK, "content-length: -1"]), /a content length of -1/],
      [answer(CHUNKED, "\r\nab"), /a chunk without a size/],
      [answer(CHUNKED, "x3\r\nabc\r\n"), /a chunk without a size/],
      [answer(CHUNKED, "1000000000000f\r\n"), /a chunk without a size/],
      [answer(CHUNKED, "2\r\nabc\r\n"), /longer than its size/],
      [answer([OK, "content-length: 1"], "ab"), /more than its answer/],
      [Buffer.from(`${OK}\r\nx: ${"y".repeat(70_000)}`), /a head of more than 65536 bytes/],
    ] as const)
      assert.throws(() => read(bytes), message)
  })
})
