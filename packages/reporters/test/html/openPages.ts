import { afterAll, assert, beforeAll } from "@effect/vitest"
import axe from "axe-core"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import { launchChromium, newPage } from "./chromium.ts"

/** Opens pages in a Chromium that ends with the tests of the file that calls this. */
export const openPages = () => {
  const folder = mkdtempSync(join(tmpdir(), "rigbook-page-"))
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true })
  })

  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return pathToFileURL(path).href
  }

  /** Opens a page, hands it on, and fails if it complained or requested anything but itself. */
  const withPage = async (
    url: string,
    use: (page: Page) => Promise<void>,
    options: BrowserContextOptions & { readonly before?: () => void } = {},
  ) => {
    const { before, ...context } = options
    const page = await newPage(browser, { viewport: { width: 1280, height: 900 }, ...context })
    if (before !== undefined) await page.addInitScript(before)
    const troubles: Array<string> = []
    page.on("console", (message) => troubles.push(`console: ${message.text()}`))
    page.on("pageerror", (error) => troubles.push(`error: ${error.message}`))
    page.on("dialog", (dialog) => troubles.push(`dialog: ${dialog.message()}`))
    page.on("request", (request) => {
      if (request.url() !== url) troubles.push(`request: ${request.url()}`)
    })
    await page.goto(url)
    await use(page)
    assert.deepStrictEqual(troubles, [])
    await page.close()
  }
  return { file, folder, withPage }
}

/** Rows of the table of models. */
export const models = (page: Page) => page.locator("#models tbody tr")
/** A plot is drawn when it comes near. */
export const plotOf = async (page: Page, id: string) => {
  const plot = page.locator(`#${id}`)
  await plot.scrollIntoViewIfNeeded()
  await plot.locator("canvas").waitFor()
  return plot
}
/** Rows of the table of runs. */
export const runs = (page: Page) => page.locator("#runs tbody tr")
/** The tables of all runs are folded at first. */
export const unfold = (page: Page) => page.locator("#runs > details > summary").click()

/** Every rule of axe-core for WCAG 2.2, level AA, and its best practices. */
export const inspect = async (page: Page) => {
  await page.evaluate(axe.source)
  const found = await page.evaluate(() =>
    (globalThis as unknown as { readonly axe: typeof axe }).axe.run(document, { resultTypes: ["violations"] }),
  )
  assert.deepStrictEqual(
    found.violations.map(({ help, id, nodes }) => `${id}: ${help}: ${nodes[0]?.html}`),
    [],
  )
}
