import { assert, describe, it } from "@effect/vitest"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, vi } from "vitest"
import { defectOf, reportDefect } from "../src/Defect.ts"

afterEach(() => void vi.unstubAllEnvs())

describe("reportDefect", () => {
  it("says one line, and keeps the stack in a file", () => {
    const cache = mkdtempSync(join(tmpdir(), "rigbook-defect-"))
    vi.stubEnv("RIGBOOK_CACHE", cache)
    const line = reportDefect(defectOf(new RangeError("odd\nsecond line")), "plan")
    assert.notInclude(line, "\n")
    assert.match(line, /^Rigbook failed .*: odd\. Its details are in (\S+): report it with them\.$/)
    const [, file] = /details are in (\S+):/.exec(line)!
    assert.include(file!, cache)
    const details = readFileSync(file!, "utf8")
    assert.match(details, /^rigbook \S+ plan\n/)
    assert.include(details, "second line")
    assert.match(details, /Defect\.test\.ts:\d+/)
    rmSync(cache, { recursive: true })
  })

  it("takes whatever is thrown, and another folder where the cache can't be written", () => {
    const folder = mkdtempSync(join(tmpdir(), "rigbook-defect-"))
    const file = join(folder, "file")
    writeFileSync(file, "")
    vi.stubEnv("RIGBOOK_CACHE", file)
    for (const thrown of [undefined, null, "text", { a: 1 }, 7]) {
      const [, kept] = /details are in (\S+):/.exec(reportDefect(defectOf(thrown), "run")) ?? []
      assert.isTrue(existsSync(kept!), typeof thrown)
      rmSync(kept!)
    }
    rmSync(folder, { recursive: true })
  })
})
