import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { complete } from "@rigbook/core"
import { fakeBackend, fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { Effect, FileSystem } from "effect"
import { createHash } from "node:crypto"
import { join } from "node:path"
import { wholeSha256 } from "../../src/plan/ReadModel.ts"

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

describe("wholeSha256", () => {
  it.effect("is a GGUF's hash, and of one in parts that of all parts, as it is when they are run", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const parts = ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"]
      for (const name of [...parts, "m.gguf"]) yield* fs.writeFileString(join(folder, name), name)
      const hashOf = (name: string) => wholeSha256(complete(fakeBackend()), { path: join(folder, name) })
      assert.strictEqual(yield* hashOf("m.gguf"), sha256("m.gguf"))
      assert.strictEqual(yield* hashOf(parts[0]!), sha256(parts.map((name) => `${name} ${sha256(name)}`).join("\n")))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.effect("is what its backend says of any other file", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = join(yield* fs.makeTempDirectoryScoped(), "m.onnx")
      yield* fs.writeFileString(path, "weights")
      assert.strictEqual(yield* wholeSha256(complete(fakeBackend()), { path }), fakeModel().sha256)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})
