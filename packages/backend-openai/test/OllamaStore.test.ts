import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll } from "vitest"
import { ollamaBlob, ollamaFolder } from "../src/OllamaStore.ts"

const folder = mkdtempSync(join(tmpdir(), "rigbook-ollama-"))
afterAll(() => rmSync(folder, { recursive: true }))

const digest = "74701a8c35f6c8d9a4b91f3f3497643001d63e0c7a84e085bed452548fa88d45"

const pulled = (path: string, layers: ReadonlyArray<object>): void => {
  const file = join(folder, "manifests", path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify({ schemaVersion: 2, layers }))
}

const blobOf = (name: string) => Effect.runSync(ollamaBlob(name, folder))

const weights = { mediaType: "application/vnd.ollama.image.model", digest: `sha256:${digest}`, size: 1 }
const template = { mediaType: "application/vnd.ollama.image.template", digest: `sha256:${"a".repeat(64)}`, size: 1 }

describe("the owner's Ollama store", () => {
  it("has a model's weights in a blob that its manifest names", () => {
    const blob = join(folder, "blobs", `sha256-${digest}`)
    pulled("registry.ollama.ai/library/llama3.2/1b", [template, weights])
    pulled("registry.ollama.ai/me/tuned/latest", [weights])
    pulled("hf.co/me/model-GGUF/Q4_K_M", [weights])
    assert.strictEqual(blobOf("llama3.2:1b"), blob)
    assert.strictEqual(blobOf("me/tuned"), blob)
    assert.strictEqual(blobOf("hf.co/me/model-GGUF:Q4_K_M"), blob)
  })

  it("has nothing for what it does not hold, what is broken, and what leads out of it", () => {
    pulled("registry.ollama.ai/library/adapter/latest", [template])
    pulled("registry.ollama.ai/library/odd/latest", [{ ...weights, digest: "sha256:../../../etc/passwd" }])
    writeFileSync(join(folder, "manifests/registry.ollama.ai/library/cut"), "{")
    for (const name of ["none", "adapter", "odd", "cut", "../../x", "..:..", "a/b/c/d", "", "/etc/passwd"])
      assert.isUndefined(blobOf(name), name)
  })

  it("is where OLLAMA_MODELS says", () => {
    assert.strictEqual(ollamaFolder({ OLLAMA_MODELS: "/models" }), "/models")
    assert.match(ollamaFolder({}), /\.ollama[/\\]models$/)
  })
})
