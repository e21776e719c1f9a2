/// <reference lib="dom" />
import { assert, describe, it } from "@effect/vitest"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll } from "vitest"
import { launchChromium, newPage, takePicture } from "../html/chromium.ts"
import { asOnGitHub } from "./github.ts"

/** This repository's registry. */
const MODELS = join(import.meta.dirname, "../../../../models")
const pages = readdirSync(MODELS).filter((name) => name.endsWith(".md"))

const folder = mkdtempSync(join(tmpdir(), "rigbook-github-"))
/** Where the pictures go that the docs show: those in docs/registry are made by PICTURES=docs/registry. */
const PICTURES = process.env["PICTURES"] ?? folder
const SHOWN = ["desktop", "desktop-models", "desktop-trade-offs", "phone", "phone-models", "dark"]
const picture = (name: string): string => join(SHOWN.includes(name) ? PICTURES : folder, `${name}.png`)

let browser: Browser
beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true })
  browser = await launchChromium()
})
afterAll(async () => {
  await browser.close()
  rmSync(folder, { recursive: true })
})

const open = async (name: string, options: Parameters<typeof newPage>[1]): Promise<Page> => {
  const path = join(MODELS, name)
  const file = join(folder, `${name}.html`)
  writeFileSync(file, asOnGitHub(readFileSync(path, "utf8"), path))
  const page = await newPage(browser, options)
  await page.goto(pathToFileURL(file).href)
  await page.evaluate(() => document.fonts.ready)
  return page
}

const SCREENS = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
  dark: { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
} as const

describe.each(Object.entries(SCREENS))("REGISTRY.md as GitHub shows it, on %s", (screen, options) => {
  it("keeps its verdicts in sight and does not pan sideways", async () => {
    const page = await open("REGISTRY.md", options)
    assert.isAtMost(await page.evaluate(() => document.documentElement.scrollWidth), options.viewport.width)
    const marks = await page
      .locator("td:first-child")
      .evaluateAll((cells) =>
        cells
          .filter((cell) => /[●▲✕]/.test(cell.textContent))
          .map((cell) => ({ text: cell.textContent, right: cell.getBoundingClientRect().right })),
      )
    const answers = await page
      .locator("h1 ~ ul li")
      .evaluateAll((items) =>
        items.slice(0, 5).map((item) => ({ text: item.textContent, bottom: item.getBoundingClientRect().bottom })),
      )
    assert.lengthOf(answers, 5)
    for (const { bottom, text } of answers) assert.isAtMost(bottom, 2 * options.viewport.height, text)
    assert.isNotEmpty(marks)
    for (const { right, text } of marks) assert.isAtMost(right, options.viewport.width, text)
    await takePicture(page, picture(screen))
    for (const heading of ["models", "trade-offs", "what-is-suspect-and-why"]) {
      const top = await page.locator(`#${heading}`).evaluate((at) => at.getBoundingClientRect().top + scrollY)
      await page.evaluate((y) => scrollTo(0, y - 16), top)
      await takePicture(page, picture(`${screen}-${heading}`))
    }
    await page.close()
  })
})

describe.each(pages)("%s", (name) => {
  it("shows all of its pictures, and leads nowhere that is not there", async () => {
    const page = await open(name, SCREENS.desktop)
    const broken = await page
      .locator("img")
      .evaluateAll((images) => (images as Array<HTMLImageElement>).filter((image) => image.naturalWidth === 0).length)
    assert.strictEqual(broken, 0)
    const links = await page
      .locator("a[href]")
      .evaluateAll((all) => (all as Array<HTMLAnchorElement>).map(({ href }) => href))
    await page.close()
    assert.isNotEmpty(links)
    for (const link of new Set(links)) {
      const url = new URL(link)
      if (url.protocol !== "file:") continue
      const path = fileURLToPath(new URL(url.pathname, url))
      assert.isTrue(existsSync(path), `${name}: ${link}`)
      if (url.hash !== "" && path.endsWith(".md") && dirname(path) === MODELS)
        assert.isTrue(anchors(path).has(decodeURIComponent(url.hash.slice(1))), `${name}: ${link}`)
    }
  })
})

const anchors = (path: string): ReadonlySet<string> =>
  new Set([...asOnGitHub(readFileSync(path, "utf8"), path).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!))
