import { assert, describe, it } from "@effect/vitest"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { html } from "../../src/index.ts"
import { takePicture } from "./chromium.ts"
import { largerRegistry } from "./largerRig.ts"
import { inspect, models, openPages, plotOf, runs } from "./openPages.ts"
import { rigRegistry } from "./rig.ts"

const { file, folder, withPage } = openPages()
/** Where the pictures of the page go: those in docs/page are made by PICTURES=docs/page. The docs show no others. */
const PICTURES = process.env["PICTURES"] ?? folder
const SHOWN = [
  "desktop",
  "desktop-comparison",
  "desktop-planned",
  "desktop-plots",
  "desktop-run",
  "phone",
  "dark",
  "registry",
  "registry-phone",
]
const picture = (name: string): string => join(SHOWN.includes(name) ? PICTURES : folder, `${name}.png`)

/** The page of this repository's own registry. */
const OWN = pathToFileURL(join(import.meta.dirname, "../../../../models/registry.html")).href
const rig = file("registry.html", html.registry(rigRegistry()))
const larger = file("larger.html", html.registry(largerRegistry()))

describe.each([
  ["desktop", {}],
  ["phone", { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }],
  ["dark", { colorScheme: "dark" }],
] as const)("on %s", (name, options) => {
  it("is as wide as the screen, accessible, and looks like this", () =>
    withPage(
      larger,
      async (page) => {
        assert.isAtMost(await page.evaluate(() => document.documentElement.scrollWidth), page.viewportSize()!.width)
        await takePicture(page, picture(name))
        const ids = await page.locator("figure.plot").evaluateAll((plots) => plots.map(({ id }) => id))
        for (const id of ids) {
          const plot = page.locator(`#${id}`)
          await plot.scrollIntoViewIfNeeded()
          // Where there is nothing to draw, the plot says so.
          await plot.locator("canvas, .none:not([hidden])").first().waitFor()
        }
        for (const part of ["planned", "plots"]) await takePicture(page.locator(`#${part}`), picture(`${name}-${part}`))
        await page.locator("#comparisons details:not([open]) > summary").first().click()
        const [beside] = await page.locator("#comparisons .data").all()
        await takePicture(beside!, picture(`${name}-comparison`))
        await inspect(page)
        await page.evaluate(() => (location.hash = "#run=big-llama-Q8_0"))
        await takePicture(page.getByRole("dialog"), picture(`${name}-run`))
        await inspect(page)
      },
      options,
    ))
})

describe.each([
  ["registry", { viewport: { width: 1280, height: 860 } }, 1],
  ["registry-phone", { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }, 2],
] as const)("this repository's own page, as %s", (name, options, screens) => {
  it("answers the five questions at its top", () =>
    withPage(
      OWN,
      async (page) => {
        await models(page).first().waitFor()
        const questions = page.locator("#questions .question")
        assert.strictEqual(await questions.count(), 5)
        const ends = await questions.evaluateAll((all) => all.map((one) => one.getBoundingClientRect().bottom))
        assert.isAtMost(Math.max(...ends), screens * options.viewport.height, ends.join(", "))
        await takePicture(page, picture(name))
      },
      options,
    ))
})

it("takes the theme that is chosen, in plots too", () =>
  withPage(rig, async (page) => {
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await paper()
    await page.getByLabel("Theme").selectOption("dark")
    assert.notStrictEqual(await paper(), light)
    await page.getByLabel("Theme").selectOption("light")
    assert.strictEqual(await paper(), light)
  }))

it("works where the browser's language is none", () =>
  withPage(
    rig,
    async (page) => {
      await plotOf(page, "quantization-memory")
      assert.strictEqual(await models(page).count(), 6)
    },
    { before: () => Object.defineProperty(navigator, "language", { value: "C", configurable: true }) },
  ))

it("prints whole: every plot is drawn, and nothing that can only be pressed is there", () =>
  withPage(rig, async (page) => {
    await page.emulateMedia({ media: "print" })
    const pdf = await page.pdf({ format: "A4" })
    assert.isAbove(pdf.length, 50_000)
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")))
    const drawn = page.locator("figure.plot canvas")
    assert.strictEqual(await drawn.count(), await page.locator("figure.plot .canvas:not([hidden])").count())
    assert.isFalse(await page.locator(".criteria").isVisible())
    // What is folded on the screen is on paper: every run, and what each figure means.
    assert.isTrue(await runs(page).first().isVisible())
    assert.isTrue(await page.locator("#metrics dd").first().isVisible())
    assert.isAtMost(await page.evaluate(() => document.documentElement.scrollWidth), page.viewportSize()!.width)
  }))
