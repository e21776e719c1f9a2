import { assert, describe, it } from "@effect/vitest"
import { homedir } from "node:os"
import { join, resolve } from "node:path"
import { cacheFolder, lockHash } from "../../../src/engine/install/CacheFolder.ts"
import { environmentPython } from "../../../src/engine/install/Python.ts"

describe("cacheFolder", () => {
  it("is what RIGBOOK_CACHE says, else in the user's cache folder", () => {
    assert.strictEqual(cacheFolder({ RIGBOOK_CACHE: "/r", XDG_CACHE_HOME: "/x" }), "/r")
    assert.strictEqual(cacheFolder({ XDG_CACHE_HOME: "/x" }), join("/x", "rigbook"))
    for (const env of [{}, { RIGBOOK_CACHE: "", XDG_CACHE_HOME: "" }])
      assert.strictEqual(cacheFolder(env), join(homedir(), ".cache", "rigbook"))
    assert.strictEqual(cacheFolder({ RIGBOOK_CACHE: "r" }), resolve("r"))
  })

  it("gives another lock another folder", () => {
    assert.strictEqual(lockHash("a", "b"), lockHash("a", "b"))
    assert.notStrictEqual(lockHash("a", "b"), lockHash("ab"))
    const python = (requirements: string) => environmentPython("x", "3.11", { what: "x", requirements })
    assert.notStrictEqual(python("a==1"), python("a==2"))
  })
})
