import { assert, describe, it } from "@effect/vitest"
import { execa } from "execa"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import { checkBlock } from "./checkBlock.ts"
import { BLOCKS, type CodeBlock, nameOf, ROOT } from "./codeBlocks.ts"

/** Inside the checkout, so that imports are resolved as they are for the checkout's own programs. */
const FOLDER = join(ROOT, "test/.docs")

const fileOf = (block: CodeBlock): string => `${nameOf(block).replaceAll(/[/:]/g, "-")}.ts`
const ofLanguage = (...languages: ReadonlyArray<string>) =>
  BLOCKS.filter(({ language }) => languages.includes(language))

beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true })
  for (const block of ofLanguage("ts")) writeFileSync(join(FOLDER, fileOf(block)), block.code)
})
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }))

describe("code in the docs", () => {
  it.for(BLOCKS.map((block) => [nameOf(block), block] as const))("%s is right", async ([, block]) => {
    await checkBlock(block)
  })

  it("TypeScript fits the packages' types", async () => {
    assert.isAtLeast(ofLanguage("ts").length, 10)
    writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify({ extends: "../../tsconfig.json", include: ["*.ts"] }))
    const checked = await execa(join(ROOT, "node_modules/.bin/tsc"), ["-p", FOLDER], { reject: false, all: true })
    assert.strictEqual(checked.all, "")
  })

  const marked = ofLanguage("ts").filter(({ marks }) => marks === "run")
  it.for(marked.map((block) => [nameOf(block), block] as const))("%s runs, and prints something", async ([, block]) => {
    const { stdout } = await execa(process.execPath, ["--conditions=@rigbook/source", fileOf(block)], { cwd: FOLDER })
    assert.notStrictEqual(stdout, "")
  })

  it.for([
    ["yaml", "name: A model\ntask: sing\n"],
    ["yaml", "naem: A model\n"],
    ["yaml", "backends: { llamacpp: { contxt: 5 } }\n"],
    ["yaml", "name: [\n"],
    ["sh", "rigbook measure everything\n"],
    ["sh", "rigbook run --fresher\n"],
    ["sh", "npx -y pnpm@12 no-such-script\n"],
    ["sh", "for x in\n"],
    ["json", "{ a: 1 }"],
    ["python", "def f(:\n"],
    ["cobol", "STOP RUN."],
  ] as const)("a wrong block of %s is found: %s", async ([language, code]) => {
    let right = true
    try {
      await checkBlock({ page: "docs/wrong.md", line: 1, language, marks: "", code })
    } catch {
      right = false
    }
    assert.isFalse(right)
  })
})
