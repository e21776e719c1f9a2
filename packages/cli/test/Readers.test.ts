import { assert, describe, it } from "@effect/vitest"
import { unreadable } from "../src/handlers/Readers.ts"

const PACKAGES = ["llamacpp", "sentence-transformers", "vllm", "onnxruntime"].map((name) => `@rigbook/backend-${name}`)

describe("a model that no installed backend reads", () => {
  it("differs from one for which none is installed; both say what to install", () => {
    const none = unreadable("small.gguf", [])
    const wrong = unreadable("small", ["llamacpp: small is a folder. Name the GGUF file inside it."])
    assert.strictEqual(none.split("\n")[0], "No backend is installed, so none can read small.gguf.")
    assert.deepStrictEqual(wrong.split("\n").slice(0, 2), [
      "No backend can read small.",
      "  llamacpp: small is a folder. Name the GGUF file inside it.",
    ])
    for (const text of [none, wrong]) for (const name of PACKAGES) assert.include(text, `npm install rigbook ${name}`)
  })
})
