import { assert, describe, it } from "vitest"
import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { rigbook, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const ROOT = join(import.meta.dirname, "../../..")

/** As a stranger's package: it makes pairs in two languages, something that is no pair, and nothing. */
const MODULE = `import { Effect } from "effect"
const pairs = { license: "CC0-1.0", language: "es", lines: [{ query: "a", document: "b" }, { query: "c", document: "d" }] }
export const pairsOf = {
  id: "pairs",
  load: (part) =>
    part === "es"
      ? Effect.succeed(pairs)
      : part === "odd"
        ? Effect.succeed({ ...pairs, lines: [{ query: "a" }] })
        : Effect.fail(new Error("there is no " + part)),
}
`

describe("datasets of a plugin", () => {
  const root = writeWorkspace(temporaryFolder(), {
    "node_modules/rigbook-pairs/index.js": MODULE,
    "node_modules/rigbook-pairs/package.json": JSON.stringify({
      name: "rigbook-pairs",
      version: "1.0.0",
      type: "module",
      rigbook: { contract: 2, datasets: [{ id: "pairs", description: "two pairs", export: "./index.js#pairsOf" }] },
    }),
    "package.json": JSON.stringify({ dependencies: { "rigbook-pairs": "1.0.0" } }),
  })
  const path = join(root, "benchmarks/configs/datasets/pairs-es.jsonl")
  mkdirSync(dirname(path), { recursive: true })
  for (const shared of ["effect", "@rigbook/core"]) {
    mkdirSync(dirname(join(root, "node_modules", shared)), { recursive: true })
    symlinkSync(join(ROOT, "node_modules", shared), join(root, "node_modules", shared))
  }

  it("are listed, and written for scenarios to name", async () => {
    const listed = await rigbook(root, ["dataset"])
    assert.match(listed.stdout, /pairs +two pairs +rigbook-pairs/, listed.stderr)
    const first = await rigbook(root, ["dataset", "pairs", "es"])
    assert.strictEqual(first.exitCode, 0, first.stderr)
    assert.include(first.stdout, "pairs-es.jsonl: written, 2 lines, licence CC0-1.0")
    assert.strictEqual(
      readFileSync(path, "utf8"),
      '{"license":"CC0-1.0","language":"es"}\n{"query":"a","document":"b"}\n{"query":"c","document":"d"}\n',
    )
  })

  it("never replace text that records may have been measured with", async () => {
    assert.include((await rigbook(root, ["dataset", "pairs", "es"])).stdout, "pairs-es.jsonl: kept, 2 lines")
    appendFileSync(path, '{"query":"e","document":"f"}\n')
    const other = await rigbook(root, ["dataset", "pairs", "es"])
    assert.strictEqual(other.exitCode, 2)
    assert.include(other.stderr, "is there with other text")
  })

  it("are refused where the loader has none, or makes what is no dataset", async () => {
    const none = await rigbook(root, ["dataset", "pairs", "fr"])
    assert.strictEqual(none.exitCode, 2)
    assert.include(none.stderr, "Plugin rigbook-pairs: there is no fr")
    const odd = await rigbook(root, ["dataset", "pairs", "odd"])
    assert.include(odd.stderr, "what it makes is no dataset: not a line of this dataset")
    assert.isFalse(existsSync(join(dirname(path), "pairs-odd.jsonl")))
    const unknown = await rigbook(root, ["dataset", "nothing"])
    assert.match(unknown.stderr, /No plugin brings datasets named "nothing"; .*\bpairs\b/)
  })
})
