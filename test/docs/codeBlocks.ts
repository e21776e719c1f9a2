import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"

export const ROOT = join(import.meta.dirname, "../..")

/** All pages that people write; what `pnpm run docs` writes is compared with the program by `pnpm check`. */
export const PAGES = globSync(
  [
    "*.md",
    "docs/**/*.md",
    "packages/*/*.md",
    "packages/cli/scaffold/**/*.md",
    "examples/**/*.md",
    "benchmarks/configs/**/*.md",
    ".github/**/*.md",
  ],
  { cwd: ROOT, exclude: ["docs/api/**", "docs/cli.md", "**/CHANGELOG.md", "**/node_modules/**"] },
).toSorted()

export interface CodeBlock {
  readonly page: string
  /** Of its first line of code, from 1. */
  readonly line: number
  readonly language: string
  /** What stands behind the language: `run` for code that is to be executed. */
  readonly marks: string
  readonly code: string
}

const blocksOf = (page: string): ReadonlyArray<CodeBlock> => {
  const text = readFileSync(join(ROOT, page), "utf8")
  return [...text.matchAll(/^( *)```([^\s`]*)[ \t]*([^\n]*)\n([\s\S]*?)^ *```[ \t]*$/gm)].map(
    ({ 1: indent = "", 2: language = "", 3: marks = "", 4: code = "", index }) => ({
      page,
      line: text.slice(0, index).split("\n").length + 1,
      language,
      marks: marks.trim(),
      code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    }),
  )
}

export const BLOCKS: ReadonlyArray<CodeBlock> = PAGES.flatMap(blocksOf)

export const nameOf = ({ line, page }: CodeBlock): string => `${page}:${line}`
