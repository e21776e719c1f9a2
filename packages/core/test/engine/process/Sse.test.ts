import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { makeSseParser } from "../../../src/engine/process/Sse.ts"

/** The events of a stream that came in these pieces. */
const events = (...pieces: ReadonlyArray<Buffer>): ReadonlyArray<string> => {
  const found: Array<string> = []
  const { read } = makeSseParser((data) => found.push(Buffer.from(data, "latin1").toString("utf8")))
  for (const piece of pieces) read(piece)
  return found
}
const bytes = (text: string): Buffer => Buffer.from(text)

const STREAM = [
  ": a comment",
  "event: message",
  "data: one",
  "",
  "id: 7",
  "data:two",
  "data:  lines — café 壊 🧨",
  "retry: 10",
  "",
  "",
  "event: nothing",
  "",
  "data",
  "",
  "data: ",
  "",
  "database: not data",
  "",
  "data: [DONE]",
  "",
  "data: never ended",
]
const EXPECTED = ["one", "two\n lines — café 壊 🧨", "", "", "[DONE]"]

describe("makeSseParser", () => {
  for (const [name, end] of [
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ] as const) {
    const stream = bytes(STREAM.join(end))

    it(`reads events with ${name}, cut at every byte`, () => {
      assert.deepStrictEqual(events(stream), EXPECTED)
      for (let cut = 0; cut <= stream.length; cut++)
        assert.deepStrictEqual(events(stream.subarray(0, cut), stream.subarray(cut)), EXPECTED, `cut at ${cut}`)
      assert.deepStrictEqual(events(...Array.from(stream, (byte) => Buffer.of(byte))), EXPECTED)
    })

    it(`gives an event as soon as its last byte is there, with ${name}`, () => {
      assert.deepStrictEqual(events(bytes(`data: now${end}${end}`)), ["now"])
      assert.deepStrictEqual(events(bytes(`data: now${end}`)), [])
    })
  }

  it("reads line ends of every kind in one stream", () => {
    assert.deepStrictEqual(events(bytes("data: a\r\rdata: b\n\ndata: c\r\n\r\ndata: d\r\n\ndata: e\n\r\n")), [
      "a",
      "b",
      "c",
      "d",
      "e",
    ])
  })

  it("skips a byte order mark", () => {
    assert.deepStrictEqual(events(bytes("\u{feff}data: a\n\n")), ["a"])
  })

  const Cuts = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 400 })))
  it.prop("does not mind where the bytes are cut", { cuts: Cuts }, ({ cuts }) => {
    const stream = bytes(STREAM.join("\r\n"))
    const places = [0, ...cuts.toSorted((a, b) => a - b), stream.length]
    assert.deepStrictEqual(
      events(...places.slice(1).map((end, index) => stream.subarray(places[index], end))),
      EXPECTED,
    )
  })
})
