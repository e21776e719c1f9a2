import { assert, describe, it } from "@effect/vitest"
import { homedir } from "node:os"
import { type LocalNames, localNames, withoutLocal } from "../../src/run/LocalPaths.ts"

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
  ])("%s", (text, told) => assert.strictEqual(withoutLocal(NAMES, text), told))

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
