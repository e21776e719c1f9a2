import { assert, describe, it } from "@effect/vitest"
import { JsonSchema, Schema } from "effect"
import { maxModelLenOf, Options } from "../src/Options.ts"
import { options } from "./Options.ts"

describe("Options", () => {
  it("cache no prefixes and compile, unless asked otherwise", () => {
    assert.deepStrictEqual(options({}), {
      dtype: "auto",
      kvCacheDtype: "auto",
      gpuMemoryUtilization: 0.92,
      maxSequences: 64,
      enforceEager: false,
      prefixCaching: false,
    })
  })

  it("refuse what vLLM could not take", () => {
    for (const wrong of [
      { maxModelLen: 0 },
      { dtype: "int8" },
      { gpuMemoryUtilization: 1.5 },
      { threads: "all" },
      { port: 0 },
      { nodes: { address: "10.0.0.1", others: [] } },
      { nodes: { address: "--headless", others: [{ address: "b", gpus: 1 }] } },
    ])
      assert.throws(() => Schema.decodeUnknownSync(Options)(wrong), undefined, undefined, JSON.stringify(wrong))
  })

  it("are all described, for editors", () => {
    const { definitions, schema } = JsonSchema.toDocumentDraft07(Schema.toJsonSchemaDocument(Options))
    const text = JSON.stringify({ definitions, schema })
    for (const name of Object.keys(Options.fields))
      assert.match(text, new RegExp(`"${name}":\\{("\\$ref"|[^}]*"description")`), name)
    assert.property(definitions["VllmNodes"], "description")
  })

  it("default to 4096 tokens, or to what the model was trained for", () => {
    assert.strictEqual(maxModelLenOf(options({}), { contextLength: 512 }), 512)
    assert.strictEqual(maxModelLenOf(options({}), { contextLength: 8192 }), 4096)
    assert.strictEqual(maxModelLenOf(options({}), {}), 4096)
    assert.strictEqual(maxModelLenOf(options({ maxModelLen: 8192 }), { contextLength: 512 }), 8192)
  })
})
