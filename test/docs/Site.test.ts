import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { siteLink } from "../../site/Links.ts"
import { PAGES, ROOT } from "./codeBlocks.ts"

describe("a link in the docs", () => {
  it("leads somewhere in the site, too", () => {
    const copied = new Set<string>()
    for (const page of PAGES) {
      const text = readFileSync(join(ROOT, page), "utf8").replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, "")
      for (const [, href = ""] of text.matchAll(/\]\(([^)\s]+)[^)]*\)/g))
        siteLink(href, page, { root: ROOT, pages: new Set(PAGES), copied })
    }
    assert.isAbove(copied.size, 0)
  })

  it("is a page, a copy, or an error that names both", () => {
    const site = { root: ROOT, pages: new Set(["docs/page.md", "README.md"]), copied: new Set<string>() }
    assert.throws(() => siteLink("nowhere.md", "docs/page.md", site), "docs/page.md links to nowhere.md")
    assert.throws(() => siteLink("../../etc/passwd", "docs/page.md", site), "is not there")
    assert.strictEqual(siteLink("../README.md#packages", "docs/page.md", site), "/index.md#packages")
    assert.strictEqual(siteLink("../models/REGISTRY.md", "docs/page.md", site), "/models/registry.html")
    assert.strictEqual(siteLink("../turbo.json", "docs/page.md", site), "/source/turbo.json.txt")
    assert.deepStrictEqual([...site.copied], ["turbo.json"])
  })
})
