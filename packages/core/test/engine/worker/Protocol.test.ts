import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { Reply } from "../../../src/engine/worker/Protocol.ts"

const decode = Schema.decodeUnknownOption(Reply)

describe("Reply", () => {
  it("is a result, or an error that may belong to a line that could not be read", () => {
    assert.deepStrictEqual(decode(`{"id":1,"result":{"tokens":3}}`), Option.some({ id: 1, result: { tokens: 3 } }))
    const error = { kind: "bad-request", type: "BadRequest", message: "no" } as const
    assert.deepStrictEqual(decode(JSON.stringify({ id: null, error })), Option.some({ id: null, error }))
  })

  it("is nothing else", () => {
    for (const line of ["", "Loading weights: 100%", "{}", `{"id":null,"result":{}}`, `{"id":1,"error":{"kind":"?"}}`])
      assert.isTrue(Option.isNone(decode(line)), line)
  })
})
