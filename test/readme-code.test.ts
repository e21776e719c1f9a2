import { assert, it } from "@effect/vitest"
import { execa } from "execa"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll } from "vitest"

const ROOT = join(import.meta.dirname, "..")
/** Inside the checkout, so that imports are resolved as they are for the checkout's own programs. */
const FOLDER = join(ROOT, "test/.readme")

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }))

it("TypeScript in every README fits the packages' types", { timeout: 120_000 }, async () => {
  mkdirSync(FOLDER, { recursive: true })
  let blocks = 0
  for (const readme of ["README.md", ...globSync("packages/*/README.md", { cwd: ROOT })]) {
    const text = readFileSync(join(ROOT, readme), "utf8")
    for (const [, code] of text.matchAll(/^```ts\n([\s\S]*?)^```$/gm))
      writeFileSync(join(FOLDER, `${readme.replaceAll("/", "-")}.${blocks++}.ts`), code!)
  }
  assert.isAtLeast(blocks, 5)
  writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify({ extends: "../../tsconfig.json", include: ["*.ts"] }))
  const checked = await execa(join(ROOT, "node_modules/.bin/tsc"), ["-p", FOLDER], { reject: false, all: true })
  assert.strictEqual(checked.all, "")
})
