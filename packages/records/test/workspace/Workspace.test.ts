import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { ConfigError } from "../../src/workspace/ConfigIssue.ts"
import { findWorkspace, NoWorkspace } from "../../src/workspace/Workspace.ts"
import { fakeWorkspace } from "../fakes/workspace.ts"

layer(NodeServices.layer)("findWorkspace", (it) => {
  it.effect("finds the nearest one, from wherever in it", () =>
    Effect.gen(function* () {
      const { root } = yield* fakeWorkspace({
        "rigbook.yaml": "rigbook: 1\n",
        "models/configs/a.yaml": "",
        "inner/rigbook.yaml": "rigbook: 1\n",
      })
      for (const from of [root, join(root, "models/configs"), join(root, "models/configs/a.yaml")]) {
        const found = yield* findWorkspace(from)
        assert.deepInclude(found, { root, prompts: join(root, "benchmarks/configs/prompts") })
        assert.deepStrictEqual(found.config, { rigbook: 1 })
      }
      assert.strictEqual((yield* findWorkspace(join(root, "inner"))).root, join(root, "inner"))
    }),
  )

  it.effect("says that there is none, and how to make one", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const error = yield* Effect.flip(findWorkspace(folder))
      assert.instanceOf(error, NoWorkspace)
      assert.strictEqual(
        error.message,
        `No rigbook.yaml in ${folder} or above it. Create a workspace with: rigbook init`,
      )
    }),
  )

  it.effect("says what is wrong with its file", () =>
    Effect.gen(function* () {
      for (const [text, said] of [
        ["rigbook: 2\n", "rigbook.yaml:1:10: rigbook: expected 1, found 2"],
        [
          "rigbook: 1\nnam: x\n",
          "rigbook.yaml:2:1: nam: unknown key; available: rigbook, plugins, reporters, metrics, rating, backends",
        ],
        [
          "",
          "rigbook.yaml:1:1: expected keys with values (rigbook, plugins, reporters, metrics, rating, backends), found nothing",
        ],
        [
          "rigbook: [\n",
          "rigbook.yaml:2:1: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
        ],
      ] as const) {
        const { root } = yield* fakeWorkspace({ "rigbook.yaml": text })
        const error = yield* Effect.flip(findWorkspace(root))
        assert.instanceOf(error, ConfigError)
        assert.strictEqual(error.message, said)
      }
    }),
  )
})
