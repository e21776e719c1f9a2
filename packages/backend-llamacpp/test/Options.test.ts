import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { availableParallelism } from "node:os"
import { roundedContext, Options } from "../src/Options.ts"

const decode = Schema.decodeUnknownSync(Options)

describe("Options", () => {
  it("fills in its defaults and leaves to llama.cpp what is not named", () => {
    assert.deepStrictEqual(decode({}), {
      threads: availableParallelism(),
      parallel: 1,
      flashAttention: "auto",
      kvCache: "f16",
    })
  })

  it.each([
    { context: 0 },
    { threads: 1.5 },
    { port: 70_000 },
    { flashAttention: true },
    { kvCache: "q3" },
    { binary: "" },
  ])("refuses %o", (options) => {
    assert.throws(() => decode(options))
  })

  it("rounds the context up to a multiple of 256", () => {
    assert.deepStrictEqual(
      [1, 256, 257, 2000].map((tokens) => roundedContext(tokens)),
      [256, 256, 512, 2048],
    )
  })

  it("describes every option in its JSON Schema", () => {
    const { definitions, schema } = Schema.toJsonSchemaDocument(Options)
    const text = JSON.stringify({ definitions, schema })
    // A list's items come before its description.
    for (const name of Object.keys(Options.fields))
      assert.match(text, new RegExp(`"${name}":\\{("type":"array","items":\\{[^}]*\\},)?[^}]*"description"`), name)
  })
})
