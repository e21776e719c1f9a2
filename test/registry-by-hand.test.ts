import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"

const ROOT = join(import.meta.dirname, "..")
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8")

/** Rows of the tables of a page, without their heads: cells without pipes in them. */
const tables = (page: string): ReadonlyArray<ReadonlyArray<ReadonlyArray<string>>> =>
  page
    .split("\n\n")
    .filter((block) => block.startsWith("| "))
    .map((block) =>
      block
        .trim()
        .split("\n")
        .slice(2)
        .map((line) =>
          line
            .slice(2, -2)
            .split(" | ")
            .map((cell) => cell.trim()),
        ),
    )

const [parts, contradictions] = tables(read("docs/registry-by-hand.md"))

/** What stands between backticks. */
const code = (cell: string): string => {
  const found = /`([^`]+)`/.exec(cell)?.[1]
  assert.isDefined(found, cell)
  return found!
}

describe("the registry by hand", () => {
  const rendered = read("packages/reporters/test/golden/whole.md")

  it("has two tables on its page", () => {
    assert.isAtLeast(parts!.length, 40)
    assert.isAtLeast(contradictions!.length, 20)
  })

  it.each(parts!.map(([what, from, where]) => [what!, from!, where!] as const))("%s: is made from %s", (_, __, where) =>
    assert.include(rendered, code(where)),
  )

  it.each(contradictions!.map(([what, here, test]) => [what!, here!, test!] as const))("%s: %s", (_, __, test) => {
    const name = /"(.+)"$/.exec(test)?.[1]
    assert.isDefined(name, test)
    const text = read(code(test))
    // As a test's own name, or as the key of a table of tests.
    const is = [`"${name}"`, `\`${name}\``].some(
      (quoted) => text.includes(`(${quoted}`) || text.includes(`${quoted}: `),
    )
    assert.isTrue(is, `${code(test)} has no test called ${name}`)
  })
})
