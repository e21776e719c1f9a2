import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { llamacpp } from "@rigbook/backend-llamacpp"
import { openai } from "@rigbook/backend-openai"
import { sentenceTransformers } from "@rigbook/backend-sentence-transformers"
import { vllm } from "@rigbook/backend-vllm"
import { type AnyBackend, type Backends, identityOf } from "@rigbook/core"
import { findWorkspace, METRICS, readRecords, recordFolders, verifyRecord } from "@rigbook/records"
import { checkRegistry, renderRegistry } from "@rigbook/registry"
import { csv, json, markdown } from "@rigbook/reporters"
import { estimatePlanned } from "@rigbook/runner"
import { Effect } from "effect"
import { join, relative } from "node:path"

/** What every change of the program's structure has to leave as it is: records that are stored, and what is made of them. */
const ROOT = join(import.meta.dirname, "..")

const BACKENDS: ReadonlyArray<AnyBackend<NodeServices.NodeServices>> = [llamacpp, openai, sentenceTransformers, vllm]
const backends: Backends<NodeServices.NodeServices> = {
  ids: BACKENDS.map(({ id }) => id),
  get: (wanted) => Effect.succeed(BACKENDS.find(({ id }) => id === wanted)),
}

/** What REGISTRY.md of this repository may have at most. */
const [BYTES, LINES] = [32 * 1024, 300]

const workspaceHere = findWorkspace(ROOT)
const live = <A, E>(name: string, test: Effect.Effect<A, E, NodeServices.NodeServices>) =>
  it.live(name, () => Effect.provide(test, NodeServices.layer))

describe("the stored records", () => {
  live(
    "are read, each with the identity that its cell has today",
    Effect.gen(function* () {
      const { broken, records } = yield* readRecords((yield* workspaceHere).raw)
      assert.deepStrictEqual(broken, [])
      assert.isNotEmpty(records)
      for (const { cell, id } of records) assert.strictEqual(identityOf(cell), cell.identity, id)
    }),
  )

  live(
    "are derived again from their samples without a difference",
    Effect.gen(function* () {
      const workspace = yield* workspaceHere
      const folders = yield* recordFolders(workspace.raw)
      assert.isNotEmpty(folders)
      for (const folder of folders)
        assert.deepStrictEqual((yield* verifyRecord(workspace, folder, METRICS)).findings, [], folder)
    }),
  )

  live(
    "give the same bytes of REGISTRY.md with its pages and plots, registry.json and registry.csv",
    Effect.gen(function* () {
      const workspace = yield* workspaceHere
      const { broken, files, issues } = yield* renderRegistry(workspace, [markdown, json, csv], (outlines) =>
        estimatePlanned(workspace, outlines, backends),
      )
      assert.deepStrictEqual([...broken, ...issues], [])
      const names = files.map(({ path }) => relative(workspace.models, path))
      assert.includeMembers(names, ["REGISTRY.md", "all-models.md", "registry.json", "registry.csv"])
      assert.isNotEmpty(names.filter((name) => /^plots\/.*-dark\.svg$/.test(name)))
      assert.deepStrictEqual(yield* checkRegistry(workspace, files), [])
      const page = String(files[0]!.content())
      assert.isAtMost(Buffer.byteLength(page), BYTES)
      assert.isAtMost(page.split("\n").length, LINES)
    }),
  )
})
