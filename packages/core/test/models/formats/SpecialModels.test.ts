import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileSha256 } from "../../../src/models/formats/FileHash.ts"
import { readGguf } from "../../../src/models/formats/Gguf.ts"
import { readSafetensors } from "../../../src/models/formats/Safetensors.ts"
import { outlineSynthetic } from "../../../src/models/synthetic/SyntheticStore.ts"
import { miniLm } from "../synthetic/shapes.ts"

const SPECIAL: Readonly<Record<string, (path: string) => void>> = {
  "a named pipe": (path) => void execFileSync("mkfifo", [path]),
  "a device": (path) => symlinkSync("/dev/zero", path),
  "a folder": (path) => mkdirSync(path),
}

const ownFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "rigbook-special-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true })),
)

layer(NodeServices.layer, { excludeTestServices: true })("a model's files", (it) => {
  for (const [what, put] of Object.entries(SPECIAL))
    it.effect(`can't be ${what}`, () =>
      Effect.gen(function* () {
        const folder = yield* ownFolder
        const path = join(folder, "m.gguf")
        put(path)
        assert.include((yield* Effect.flip(readGguf(path))).detail, `is ${what}`)
        assert.include((yield* Effect.flip(fileSha256(path))).message, `is ${what}`)

        const { path: encoder } = yield* outlineSynthetic({ ...miniLm, layers: 1 })
        for (const file of ["config.json", "modules.json", "model.safetensors"]) {
          const copy = join(folder, file.replace(".", "-"))
          cpSync(encoder, copy, { recursive: true })
          rmSync(join(copy, file), { force: true })
          put(join(copy, file))
          const { detail } = yield* Effect.flip(readSafetensors(copy, { headersOnly: true }))
          assert.include(detail, `is ${what}, not an ordinary file`, file)
        }
      }),
    )

  it.effect("may be links, as in the cache of a hub, but no JSON without end", () =>
    Effect.gen(function* () {
      const folder = yield* ownFolder
      const { path: encoder } = yield* outlineSynthetic({ ...miniLm, layers: 1 })
      writeFileSync(join(folder, "rigbook.yaml"), "rigbook: 1\n")
      symlinkSync(encoder, join(folder, "model"))
      assert.strictEqual((yield* readSafetensors(join(folder, "model"), { headersOnly: true })).architecture, "bert")
      cpSync(encoder, join(folder, "deep"), { recursive: true })
      writeFileSync(join(folder, "deep", "config.json"), "[".repeat(1000))
      const { detail } = yield* Effect.flip(readSafetensors(join(folder, "deep"), { headersOnly: true }))
      assert.include(detail, "JSON that is nested more than 128 deep")
    }),
  )
})
