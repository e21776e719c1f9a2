import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { type LaunchUnit, makeUnit, textSha256 } from "@rigbook/core"
import { fakeModel } from "@rigbook/testkit"
import { Effect, FileSystem } from "effect"
import { execaSync } from "execa"
import { join } from "node:path"
import { fakeWorkspace } from "../../records/test/fakes/workspace.ts"
import { fakeSpec } from "../../testkit/src/FakeCell.ts"
import type { Far } from "../src/Far.ts"
import { missingFiles, placeUnit, shownMissing } from "../src/Place.ts"

const AGENT = join(import.meta.dirname, "../src/agent/main.ts")

/** Another machine that is a folder of this one: commands run here. */
const farIn = (home: string): Far => {
  const run = (command: ReadonlyArray<string>, input = "") =>
    Effect.sync(() => execaSync(command[0]!, command.slice(1), { input }).stdout)
  const root = join(home, "workspaces/w")
  return {
    host: "far",
    home,
    root,
    raw: join(root, "raw"),
    node: process.execPath,
    entry: "",
    remote: {
      run,
      push: (from, files, to) =>
        Effect.sync(() => void execaSync("cp", ["-rL", "--parents", ...files, to], { cwd: from })),
      pull: () => Effect.die("nothing is brought back"),
      talk: () => Effect.die("nothing is answered"),
    },
    ask: (command, input) =>
      Effect.map(run([process.execPath, AGENT, home], `${JSON.stringify({ id: 1, command, input })}\n`), (line) => {
        const { answer } = JSON.parse(line) as { readonly answer: unknown }
        return answer
      }),
  }
}

/** A unit of a model whose file has this text. */
const unitOf = (text: string): LaunchUnit => {
  const spec = fakeSpec({ source: { path: "../m.gguf" }, model: fakeModel({ sha256: textSha256(text) }) })
  const order = { schema: 1, spec, requested: "cpu", identity: "own", until: 2, fresh: false } as const
  const shape = { nodes: 1, gpus: 0, seconds: 60 }
  return makeUnit({ startedAt: "2026-01-01T00:00:00Z", attempt: 1, rounds: 1, shape, cells: [{ order }] })
}

layer(NodeServices.layer)("models on the other machine", (it) => {
  it.effect("are copied again when they are replaced, also by one of the same size, and not when they come back", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const workspace = yield* fakeWorkspace({ "models/m.gguf": "one" })
      const far = farIn(yield* fs.makeTempDirectoryScoped())
      const missing = (text: string) => Effect.map(missingFiles(far, unitOf(text), workspace), shownMissing)
      const replace = (text: string) => fs.writeFileString(join(workspace.root, "models/m.gguf"), text)
      const there = fs.readFileString(join(far.root, "models/m.gguf"))
      for (const text of ["one", "two"]) {
        yield* replace(text)
        assert.deepStrictEqual(yield* missing(text), [{ path: "../m.gguf", bytes: 3 }])
        yield* placeUnit(far, unitOf(text), workspace)
        assert.deepStrictEqual(yield* missing(text), [])
        assert.strictEqual(yield* there, text)
      }
      yield* replace("one")
      assert.deepStrictEqual(yield* missing("one"), [], "it is kept there by its hash")
      yield* placeUnit(far, unitOf("one"), workspace)
      assert.strictEqual(yield* there, "one")
    }).pipe(Effect.scoped),
  )
})
