import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, FileSystem, Schema } from "effect"
import { homedir } from "node:os"
import { join } from "node:path"
import { type LocalNames, localNames, localPaths, shareLogs, withoutLocal } from "../../src/workspace/LocalPaths.ts"

const NAMES: LocalNames = [
  ["/home/ada/bench", "."],
  ["/home/ada", "~"],
  ["adas-rig", "localhost"],
]

describe("withoutLocal", () => {
  it.each([
    ["loading '/home/ada/bench/models/a.gguf'", "loading './models/a.gguf'"],
    ['{"path":"/home/ada/.cache/rigbook/bin/server"}', '{"path":"~/.cache/rigbook/bin/server"}'],
    ["PYTHONPATH=/opt:/home/ada", "PYTHONPATH=/opt:~"],
    ["listening on adas-rig:8000, user of /home/ada.", "listening on localhost:8000, user of ~."],
    ["/home/adam/x /srv/home/ada/x /home/ada-2 my-adas-rig", "/home/adam/x /srv/home/ada/x /home/ada-2 my-adas-rig"],
  ])("%s", (text, reported) => assert.strictEqual(withoutLocal(NAMES, text), reported))

  it("takes what is inside before what it is in", () => {
    const names = localNames(`${homedir()}/a/workspace`)
    assert.strictEqual(withoutLocal(names, `${homedir()}/a/workspace/x`), "./x")
    const lengths = names.map(([local]) => local.length)
    assert.deepStrictEqual(
      lengths,
      lengths.toSorted((a, b) => b - a),
    )
  })

  it("leaves the root folder and short names alone", () => {
    assert.isFalse(localNames("/").some(([local]) => local === "/"))
  })
})

describe("localPaths", () => {
  const names: LocalNames = [...NAMES, ["/fast/rigbook", "~/.cache/rigbook"], ["/var/tmp/ada", "$TMPDIR"]]
  const Part = Schema.Literals(["models", "a.gguf", "adas-rig", "adas-rig.gguf", "~", ".", "..x", "$TMPDIR"])
  const Folder = Schema.Literals(["/home/ada/bench", "/home/ada", "/fast/rigbook", "/var/tmp/ada", "/srv", ".", ".."])

  it.prop(
    "has the path that was written in short, whatever it was",
    { folder: Folder, parts: Schema.Array(Part) },
    ({ folder, parts }) => {
      const path = [folder, ...parts].join("/")
      const inOrder = names.toSorted(([a], [b]) => b.length - a.length)
      assert.include(localPaths(inOrder, withoutLocal(inOrder, path)), path)
    },
  )

  it("takes the innermost folder first, and a path from a dot unchanged", () => {
    assert.deepStrictEqual(localPaths(NAMES, "~/m.gguf"), ["/home/ada/m.gguf", "~/m.gguf"])
    assert.deepStrictEqual(localPaths(NAMES, "./m.gguf"), ["./m.gguf", "/home/ada/bench/m.gguf"])
    assert.deepStrictEqual(localPaths(NAMES, "~ada/m.gguf"), ["~ada/m.gguf"])
    assert.deepStrictEqual(localPaths(NAMES, "/localhost/m"), ["/localhost/m", "/adas-rig/m"])
  })
})

layer(NodeServices.layer)("shareLogs", (it) => {
  it.effect("takes paths out of logs where lines ran into each other, and leaves other files", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      for (const name of ["engine.log", "engine.1.log", "record.json"])
        yield* fs.writeFileString(join(folder, name), "see refleaks.html/home/ada/lib/x.py of adas-rig\n")
      yield* shareLogs(folder, NAMES)
      const read = (name: string) => fs.readFileString(join(folder, name))
      assert.strictEqual(yield* read("engine.log"), "see refleaks.html~/lib/x.py of localhost\n")
      assert.strictEqual(yield* read("engine.1.log"), "see refleaks.html~/lib/x.py of localhost\n")
      assert.strictEqual(yield* read("record.json"), "see refleaks.html/home/ada/lib/x.py of adas-rig\n")
    }).pipe(Effect.scoped),
  )
})
