import { assert, describe, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { PAGES, ROOT } from "./codeBlocks.ts"

describe("links in the docs", () => {
  it.for(PAGES)("%s leads to files that are there", (page) => {
    const text = readFileSync(join(ROOT, page), "utf8").replaceAll(/```[\s\S]*?```/g, "")
    for (const [, target] of text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g))
      assert.isTrue(existsSync(join(ROOT, dirname(page), target!)), target)
  })

  it("every page of docs is listed in its index", () => {
    const index = readFileSync(join(ROOT, "docs/README.md"), "utf8")
    for (const page of PAGES.filter((path) => /^docs\/[^/]+\.md$/.test(path) && path !== "docs/README.md"))
      assert.include(index, `(${page.slice("docs/".length)})`)
  })

  it("every package's README has a quick start", () => {
    const readmes = PAGES.filter((path) => /^packages\/[^/]+\/README\.md$/.test(path))
    assert.isAtLeast(readmes.length, 8)
    for (const page of readmes)
      assert.match(readFileSync(join(ROOT, page), "utf8"), /^## Quick start$[\s\S]*?^```/m, page)
  })
})
