import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { lockName } from "../src/Lock.ts"
import { pythonFile } from "../src/PythonFiles.ts"

describe("lockName", () => {
  it("takes CUDA's gigabytes just where there is a GPU for them", () => {
    assert.strictEqual(lockName("linux", "x64", []), "cpu-linux")
    assert.strictEqual(lockName("linux", "x64", ["nvidia"]), "cuda-linux")
    assert.strictEqual(lockName("darwin", "arm64", []), "macos")
  })

  it("promises nothing for other machines", () => {
    assert.isUndefined(lockName("darwin", "x64", []))
    assert.isUndefined(lockName("linux", "arm64", ["nvidia"]))
    assert.isUndefined(lockName("win32", "x64", []))
  })
})

describe("locks", () => {
  for (const [name, torch] of [
    ["cpu-linux", "2.13.0+cpu"],
    ["cuda-linux", "2.13.0"],
    ["macos", "2.13.0"],
  ]) {
    const lock = readFileSync(pythonFile(`requirements-${name}.txt`), "utf8")

    it(`${name} pins and hashes every package, and names no index`, () => {
      const lines = lock.trimEnd().split("\n")
      assert.includeMembers(lines, [`torch==${torch} \\`, "sentence-transformers==6.2.0 \\"])
      for (const line of lines) assert.match(line, /^([\w.-]+==[\w.+-]+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?)$/)
    })

    it(`${name} has CUDA's packages just when it is meant for CUDA`, () => {
      assert.strictEqual(/^nvidia-/m.test(lock), name === "cuda-linux")
    })
  }
})
