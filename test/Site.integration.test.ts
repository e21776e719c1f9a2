import { execa } from "execa"
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { siteLink } from "../site/Links.ts"

const ROOT = join(import.meta.dirname, "..")
const out = mkdtempSync(join(tmpdir(), "rigbook-site-"))
const htmls = (): ReadonlyArray<string> => globSync("**/*.html", { cwd: out })

/** What a page of the site loads or links to, without the anchor. */
const targetsOf = (path: string): ReadonlyArray<string> =>
  [...readFileSync(join(out, path), "utf8").matchAll(/ (?:href|src)="([^"#]+)/g)].map(([, target = ""]) => target)

beforeAll(() =>
  execa("vitepress", ["build", "site", "--outDir", out], { cwd: ROOT, preferLocal: true, stdin: "ignore" }),
)
afterAll(() => rmSync(out, { recursive: true, force: true }))

describe("the site", () => {
  it("has a page for each of docs, with a title and in the search", () => {
    const docs = globSync("docs/**/*.md", { cwd: ROOT })
    assert.deepStrictEqual(
      docs.filter((path) => !existsSync(join(out, path.replace(/\.md$/, ".html")))),
      [],
    )
    const [index = ""] = globSync("assets/chunks/@localSearchIndex*.js", { cwd: out })
    const text = readFileSync(join(out, index), "utf8")
    for (const path of docs) assert.include(text, `/${path.replace(/\.md$/, ".html")}`)
  })

  it("has everything that it links to, and loads nothing from elsewhere", () => {
    const missing = htmls()
      .filter((path) => !path.startsWith("models/"))
      .flatMap((path) =>
        targetsOf(path)
          .filter((target) => !/^(https?|mailto|data):/.test(target))
          .map((target) => decodeURIComponent(target.startsWith("/") ? target : `/${join(dirname(path), target)}`))
          .filter((target) => !existsSync(join(out, target)))
          .map((target) => `${path}: ${target}`),
      )
    assert.deepStrictEqual([...new Set(missing)], [])
    const loaded = htmls().flatMap((path) =>
      [...readFileSync(join(out, path), "utf8").matchAll(/<(?:script|link|img|iframe)\b[^>]+"https?:[^>]*>/g)].map(
        ([tag]) => tag,
      ),
    )
    assert.deepStrictEqual(loaded, [])
  })

  it("is not built with a link to what is not there", () => {
    const site = { root: ROOT, pages: new Set(["docs/page.md", "README.md"]), copied: new Set<string>() }
    assert.throws(() => siteLink("nowhere.md", "docs/page.md", site), "docs/page.md links to nowhere.md")
    assert.throws(() => siteLink("../../etc/passwd", "docs/page.md", site), "is not there")
    assert.strictEqual(siteLink("../README.md#packages", "docs/page.md", site), "/index.md#packages")
    assert.strictEqual(siteLink("../turbo.json", "docs/page.md", site), "/source/turbo.json.txt")
    assert.deepStrictEqual([...site.copied], ["turbo.json"])
  })
})
