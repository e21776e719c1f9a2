import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { parse } from "../packages/cli/src/Parse.ts"

const ROOT = join(import.meta.dirname, "..")
const README = readFileSync(join(ROOT, "README.md"), "utf8")
const blocks = (language: string): ReadonlyArray<string> =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, code]) => code!)

describe("README", () => {
  it("shows the example plugin as it is", () => {
    assert.deepStrictEqual(blocks("ts"), [readFileSync(join(ROOT, "examples/echo-backend.ts"), "utf8")])
  })

  it("names scripts and commands that exist", async () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object }
    const called = [...README.matchAll(/pnpm@12 (\w+)/g)].map(([, script]) => script!)
    assert.isNotEmpty(called)
    for (const script of called) assert.property(scripts, script)
    const commands = [...README.matchAll(/`rigbook (\w+)/g)].map(([, command]) => command!)
    assert.isAtLeast(new Set(commands).size, 6)
    for (const command of commands) assert.strictEqual(await parse([command, "--help"]), 0)
  })
})
