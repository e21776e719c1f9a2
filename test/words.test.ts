import { assert, describe, it } from "@effect/vitest"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { glossaryWords, privateWords, prose } from "../tools/words/Words.ts"

const ROOT = join(import.meta.dirname, "..")
const WORDS = glossaryWords(readFileSync(join(ROOT, "docs/glossary.md"), "utf8"))

/** What people read. Left out is what `pnpm run docs` writes from it, lists of words for made-up prompts, and this test. */
const FILES = globSync(
  [
    "*.md",
    ".changeset/*.md",
    "docs/*.md",
    "packages/*/README.md",
    "packages/*/{src,page,python,scaffold,test,bench}/**/*.{ts,py,css,md,yaml}",
    "test/**/*.ts",
    "examples/**/*.{ts,md}",
    "tools/**/*.ts",
    "benchmarks/configs/**/*.md",
    "models/notes/*.md",
  ],
  { cwd: ROOT, exclude: (path) => /(^|\/)(node_modules|dist)$/.test(path) },
).filter((path) => !/docs\/(cli|glossary)\.md$|SyntheticText\.ts$|words\.test\.ts$/.test(path))

describe("the words of the glossary", () => {
  it("are used in everything that people read", () => {
    assert.isAbove(FILES.length, 500)
    assert.isAbove(WORDS.length, 50)
    const found = FILES.flatMap((file) =>
      privateWords(prose(file, readFileSync(join(ROOT, file), "utf8")), WORDS).map(
        ({ line, replacement, word }) => `${file}:${line}: "${word}": write ${replacement} (docs/glossary.md)`,
      ),
    )
    assert.deepStrictEqual(found, [])
  })

  it("are found in comments and texts alone, with their line", () => {
    const source = [
      "const told = asked // not told",
      '  "it does not tell", `says ${told} in force`, told',
      "/** What was seen from outside. */",
      "const soldAnew = 'b'",
    ].join("\n")
    assert.deepStrictEqual(
      privateWords(prose("a.ts", source), WORDS).map(({ line, word }) => `${line} ${word}`),
      ["1 told", "2 does not tell", "2 in force", "3 was seen"],
    )
    const page = "Not told.\n\n<!-- begin x: written by `pnpm run docs` -->\n\nmended\n\n<!-- end x -->\n\n`told`, anew"
    assert.deepStrictEqual(
      privateWords(prose("a.md", page), WORDS).map(({ line, word }) => `${line} ${word}`),
      ["1 told", "9 anew"],
    )
  })
})
