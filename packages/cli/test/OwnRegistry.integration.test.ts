import { assert, describe, it } from "@effect/vitest"
import { cpSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { recordFolders, rigbook, temporaryFolder } from "./TemporaryWorkspace.ts"

const ROOT = join(import.meta.dirname, "../../..")

/** As a clone has it: without engines, and without models in the cache. */
const root = temporaryFolder()
for (const path of ["rigbook.yaml", "models", "benchmarks"])
  cpSync(join(ROOT, path), join(root, path), { recursive: true })

describe("this repository's own registry", () => {
  it("has records of every config that is not only planned", () => {
    const { entries, planned } = JSON.parse(readFileSync(join(root, "models/registry.json"), "utf8")) as {
      readonly entries: ReadonlyArray<{ readonly id: string; readonly records: ReadonlyArray<unknown> }>
      readonly planned: ReadonlyArray<{ readonly id: string }>
    }
    const measured = entries.filter(({ records }) => records.length > 0).map(({ id }) => id)
    assert.includeMembers(measured, [
      "smollm2-135m-instruct",
      "smollm2-135m-instruct-q4_0",
      "smollm2-135m-instruct-q4_k_m",
      "smollm2-135m-instruct-q8_0",
      "smollm2-135m-instruct-f16",
      "smollm2-135m-instruct-vllm",
      "gemma-3-270m",
      "all-minilm-l6-v2",
      "all-minilm-l6-v2-vllm",
      "paraphrase-multilingual-minilm-l12-v2-shape",
      "bge-m3-es-legal-tmp-6-shape",
    ])
    assert.isAtLeast(planned.length, 9)
  })

  it("is what its records say, in a clone without engines", async () => {
    const { exitCode, stderr, stdout } = await rigbook(root, ["registry", "--check"], {
      RIGBOOK_CACHE: join(root, "none"),
    })
    assert.strictEqual(exitCode, 0, stdout + stderr)
  })

  it("is derived again from raw samples, every figure of it", async () => {
    const { exitCode, stderr, stdout } = await rigbook(root, ["verify"], { RIGBOOK_CACHE: join(root, "none") })
    assert.strictEqual(exitCode, 0, stdout + stderr)
  })

  it("names no folder of the machine that it was measured on", () => {
    assert.isNotEmpty(recordFolders(root))
    for (const name of recordFolders(root))
      for (const file of ["record.json", "samples.ndjson", "engine.log"])
        assert.notMatch(readFileSync(join(name, file), "utf8"), /\/(root|home|Users)\//)
  })
})
