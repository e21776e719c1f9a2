import { assert, describe, it } from "@effect/vitest"
import { RunRecord, Runtime } from "@rigbook/core"
import { fromOrigin } from "@rigbook/records"
import type { Page } from "playwright-core"
import { html } from "../../src/index.ts"
import { around, languageRun, value } from "../fixtures.ts"
import { hostileRegistry } from "./hostileRegistry.ts"
import { largerRegistry } from "./largerRig.ts"
import { inspect, models, openPages, plotOf, runs, unfold } from "./openPages.ts"
import { rigRecords, rigRegistry } from "./rig.ts"
import { wholeRegistry } from "../wholeRegistry.ts"

const { file, withPage } = openPages()
const rig = file("registry.html", html.registry(rigRegistry()))
const whole = file("whole.html", html.registry(wholeRegistry()))
const larger = file("larger.html", html.registry(largerRegistry()))
const shared = file(
  "shared.html",
  html.registry(
    rigRegistry([
      ...rigRecords,
      ...rigRecords.map((record) =>
        fromOrigin(new RunRecord(Object.assign({}, record, { id: `${record.id}-hers` })), "alice"),
      ),
    ]),
  ),
)
describe("models/registry.html", () => {
  it("chooses runs by the registry that they were pulled from, and by host, where there are several", () =>
    withPage(shared, async (page) => {
      const from = page.locator(".criteria label", { hasText: /^From/ }).locator("select")
      assert.deepStrictEqual(await from.locator("option").allTextContents(), ["any", "alice", "this workspace"])
      assert.strictEqual(await runs(page).count(), 2 * rigRecords.length)
      await unfold(page)
      await from.selectOption("alice")
      assert.strictEqual(await runs(page).count(), rigRecords.length)
      assert.include(new URL(page.url()).hash, "origin=")
      await from.selectOption("this workspace")
      assert.strictEqual(await runs(page).count(), rigRecords.length)
      assert.isTrue(await page.getByLabel("Ran on").isVisible())
      assert.strictEqual(await page.locator("b", { hasText: /^alice/ }).count(), 0)
    }))

  it("has no menu of registries where all runs are its own", () =>
    withPage(rig, async (page) => {
      const from = page.locator(".criteria label", { hasText: /^From/ })
      assert.strictEqual(await from.count(), 1)
      assert.isTrue(await from.isHidden())
    }))

  it("shows every model and run with its verdict, its record and its figures", () =>
    withPage(rig, async (page) => {
      assert.strictEqual(await models(page).count(), 6)
      assert.strictEqual(await runs(page).count(), rigRecords.length)
      await unfold(page)
      const suspect = runs(page).filter({ hasText: "Big Llama 8B Q8_0" })
      assert.include(await suspect.innerText(), "suspect: noisy")
      assert.match(await suspect.innerText(), /16\.[56]\d*\s±/)
      assert.strictEqual(
        await suspect.getByRole("link").last().getAttribute("href"),
        "../benchmarks/results/raw/big-llama-Q8_0/record.json",
      )
      const failed = runs(page).filter({ hasText: "invalid: failed" })
      assert.include(await failed.innerHTML(), "not measured: Crashed: llama-server ended with code 1")
      const invalid = runs(page).filter({ hasText: "device-mismatch" })
      assert.include(await invalid.locator("s").first().innerText(), "41.2")
      assert.match(await page.locator("#recommendations").innerText(), /Real-time chat\nTiny Llama 1B Q2_K\n\s*4 of 5/)
      assert.include(await page.locator("#recommendations").innerText(), "No model qualifies")
    }))

  it("sorts by a header's button, missing figures last either way", () =>
    withPage(rig, async (page) => {
      await unfold(page)
      const table = page.getByRole("region", { name: "Runs of language models" })
      const header = table.getByRole("columnheader", { name: "decode" })
      const names = () => table.locator("tbody th").allInnerTexts()
      await header.getByRole("button").focus()
      await page.keyboard.press("Enter")
      assert.strictEqual(await header.getAttribute("aria-sort"), "descending")
      assert.strictEqual((await names())[0], "Tiny Llama 1B Q2_K")
      await page.keyboard.press("Enter")
      assert.strictEqual(await header.getAttribute("aria-sort"), "ascending")
      assert.strictEqual((await names())[0], "Big Llama 8B F16")
      assert.include(await table.locator("tbody tr").last().innerText(), "invalid: failed")
    }))

  it("filters tables and plots by words and choices, and shows all again", () =>
    withPage(rig, async (page) => {
      await page.getByRole("searchbox").fill("big-llama-q8_0 noisy")
      assert.strictEqual(await runs(page).count(), 2)
      assert.strictEqual(await models(page).count(), 1)
      const plot = await plotOf(page, "throughput-latency-generate")
      assert.include((await plot.getByRole("img").getAttribute("aria-label")) ?? "", "2 points,")
      await page.getByRole("button", { name: "Show all" }).click()
      assert.strictEqual(await runs(page).count(), rigRecords.length)
      await page.getByLabel("Verdict").selectOption("invalid")
      assert.strictEqual(await runs(page).count(), 2)
    }))

  it("opens a run by a link, a plot's point and its address, each with reasons and record", () =>
    withPage(rig, async (page) => {
      const dialog = page.getByRole("dialog")
      await unfold(page)
      await runs(page).filter({ hasText: "Big Llama 8B Q8_0" }).getByRole("link").nth(1).click()
      assert.include(await dialog.innerText(), "Close other programs and run again with --fresh.")
      await dialog.locator("summary", { hasText: "every trial" }).click()
      assert.include(await dialog.innerText(), "16.41, 16.70")
      await page.keyboard.press("Escape")
      assert.isFalse(await dialog.isVisible())
      // The address follows the dialog's end, of which the browser tells a moment later.
      await page.waitForFunction(() => !location.hash.includes("big-llama"))

      const plot = (await plotOf(page, "batch-ladders")).locator(".u-over")
      const box = (await plot.boundingBox())!
      // The largest batch is the rightmost point: 512 of an axis that ends at 1.3 times that.
      const right = 1 - Math.log(1.3) / Math.log((512 * 1.3) / (1 / 1.3))
      const low = Math.log(37.6 / 1.3)
      const up = (Math.log(1391.8) - low) / (Math.log(1391.8 * 1.3) - low)
      // By its place in the plot: plots above may be drawn meanwhile, and move it.
      const position = { x: box.width * right, y: box.height * (1 - up) }
      await plot.hover({ position })
      assert.include(await plot.innerText(), "512: Documents per second (docs/s) 1392")
      await plot.click({ position })
      assert.include(await dialog.innerText(), "batch-legal-es-512x512")
      // While the browser reports that the dialog is closed, and before it reports the new address.
      await page.evaluate(() => {
        addEventListener("close", () => (location.hash = "#model=mini-lm"), { capture: true, once: true })
        document.querySelector("dialog")!.close()
      })
      assert.include(await dialog.innerText(), "<b>Not</b> for code.")
      assert.include(await dialog.innerText(), "4, speed only")

      await page.evaluate(() => {
        document.querySelector("dialog")!.close()
        location.hash = "#model=big-llama-q8_0"
      })
      await dialog.filter({ hasText: "Big Llama 8B Q8_0" }).waitFor()
      await page.evaluate(() => new Promise(requestAnimationFrame))
      assert.include(await page.evaluate(() => location.hash), "model=big-llama-q8_0")
    }))

  it("has the same figures in a table below each plot", () =>
    withPage(rig, async (page) => {
      for (const id of ["quantization-memory", "estimated-memory", "trials"]) {
        const plot = await plotOf(page, id)
        await plot.locator("summary").click()
        await plot.locator("tbody tr").nth(7).waitFor()
      }
      assert.include(
        await page.locator("#estimated-memory tbody tr").filter({ hasText: "Tiny Llama 1B F16" }).innerText(),
        "2.049 GiB\t2.110 GiB",
      )
    }))

  it("has ladders of contexts and loads, and telemetry over time, each by a figure that is chosen", () =>
    withPage(larger, async (page) => {
      const points = async (id: string) =>
        (await (await plotOf(page, id)).getByRole("img").getAttribute("aria-label")) ?? ""
      assert.include(await points("context-ladders"), "4 points, Decode speed (tokens/s) against Context (tokens)")
      await page.locator("#context-ladders select").selectOption("ttft")
      assert.include(await points("context-ladders"), "4 points, Time to first token (ms)")
      assert.include(await points("concurrency-ladders"), "6 points, Output throughput")
      assert.include(
        await points("under-load"),
        "6 points, Output throughput (tokens/s) against Time to first token (ms)",
      )
      assert.include(await points("telemetry"), "90 points, temperature (°C) against Seconds")
      await page.locator("#telemetry select").selectOption("power (W)")
      assert.include(await points("telemetry"), "90 points, power (W)")
      await page.locator("#telemetry summary").click()
      await page.locator("#telemetry tbody tr").first().getByRole("link").last().waitFor()
    }))

  it("shows what is planned and what comes next, with what it will take", () =>
    withPage(whole, async (page) => {
      const planned = page.locator("#planned .card")
      assert.strictEqual(await planned.count(), 2)
      await planned.getByText("Memory by device").click()
      const card = await planned.filter({ hasText: "Planned 70B Q4_K_M" }).innerText()
      assert.include(card, "high priority")
      assert.include(card, "70.6 B weights, Q4_K_M (4.82 bits per weight)")
      assert.include(card, "44.00 GiB with llamacpp for latency-short-chat-1x128")
      assert.include(card, "Estimated memory on two-gpus, llamacpp")
      assert.include(card, "needs 42.86 GiB, RTX 5090 has 30.85 GiB free")
      assert.include(card, "61440 tokens")
      const search = planned.filter({ hasText: "Planned search" })
      assert.include(await search.innerText(), "none: the config names no host to plan for (planned.host)")
      assert.strictEqual(await search.getByRole("link").getAttribute("href"), "configs/planned-search.yaml")
      const steps = page.locator("#next-steps li")
      assert.include(await steps.first().innerText(), "Planned 70B Q4_K_M (high priority): not measured yet.")
      assert.include(await steps.first().innerText(), "rigbook run planned-70b")
    }))

  it("puts runs side by side that differ in one thing alone, of those that are chosen", () =>
    withPage(whole, async (page) => {
      const comparisons = page.locator("#comparisons")
      const titles = () => comparisons.getByRole("heading", { level: 3 }).allInnerTexts()
      const kinds = ["By quantization", "By context", "By requests at once", "By arrival rate"]
      assert.deepStrictEqual(await titles(), kinds)
      const table = comparisons.getByRole("region", { name: "Big Llama 8B" })
      const bits = await table.locator("tbody td:nth-child(2)").allInnerTexts()
      assert.deepStrictEqual(bits, ["F16 (16.0)", "Q8_0 (8.50)", "Q4_K_M (4.85)", "Q2_K (3.16)"])
      assert.include(await table.locator("tbody tr").nth(1).innerText(), "1.78 × (better)")
      await page.getByRole("searchbox").fill("big-llama")
      assert.deepStrictEqual(await titles(), kinds.slice(0, 1))
      await page.getByRole("searchbox").fill("big-llama-q8_0 noisy")
      assert.isFalse(await comparisons.isVisible())
    }))

  it("says which runs are stale and why, who wrote a note, and what the records say of its claims", () =>
    withPage(whole, async (page) => {
      const stale = runs(page).filter({ hasText: "Old LM" })
      assert.include(
        (await stale.locator(".stale").getAttribute("title")) ?? "",
        "sentence-transformers 5.0.0; the host has 5.1.1",
      )
      assert.strictEqual(await runs(page).locator(".stale").count(), 1)
      const dialog = page.getByRole("dialog")
      await page.evaluate(() => (location.hash = "#run=before-the-update"))
      assert.include(await dialog.innerText(), "torch 2.12.0+cpu; the host has 2.13.0+cpu")
      await page.evaluate(() => (location.hash = "#run=watched"))
      assert.strictEqual(
        await dialog.getByRole("link", { name: "every trial and plot" }).getAttribute("href"),
        "../benchmarks/results/reports/watched.md",
      )
      await page.evaluate(() => (location.hash = "#model=mini-lm"))
      await dialog.getByText("Written on 2025-10-02 by A. Person in models/notes/mini-lm.md.").waitFor()
      const claims = dialog.getByRole("region", { name: "Claims of the note" }).locator("tbody tr")
      assert.deepStrictEqual(await claims.locator("td:last-child").allInnerTexts(), [
        "contradicted",
        "borne out",
        "borne out",
        "not measured",
      ])
      assert.include(await claims.first().innerText(), "553.3 docs/s, which differs")
      assert.include((await claims.first().getByRole("link").first().getAttribute("href")) ?? "", "#run=batch-512-32")
      await inspect(page)
    }))

  it("pages through long tables", () =>
    withPage(
      file("many.html", html.report([...Array(30).keys()].flatMap((at) => rigRecords.map((of) => copy(of, at))))),
      async (page) => {
        await unfold(page)
        const region = page.locator("#runs .data").first()
        assert.strictEqual(await region.getByRole("status").innerText(), "1 to 25 of 330")
        await region.getByRole("button", { name: "Next" }).click()
        assert.strictEqual(await region.getByRole("status").innerText(), "26 to 50 of 330")
        await region.getByRole("combobox").selectOption("1000")
        assert.strictEqual(await region.locator("tbody tr").count(), 330)
      },
    ))

  it("says what to do where nothing was recorded", () =>
    withPage(file("empty.html", html.registry(rigRegistry([]))), async (page) => {
      assert.include(await page.locator("header").first().innerText(), "measure it with rigbook run")
    }))
})

describe("what a registry is opened for", () => {
  const QUESTIONS = ["#which-model", "#which-quantization", "#what-fits", "#what-changed", "#trust"]

  it("answers the five questions on the first screen, and on a phone within five", async () => {
    const bottom = (page: Page, card: string) =>
      page.locator(card).evaluate((element) => element.getBoundingClientRect().bottom)
    await withPage(whole, async (page) => {
      for (const card of QUESTIONS) assert.isAtMost(await bottom(page, card), 900, card)
      assert.include(await page.locator("#which-quantization").innerText(), "the decode speed of F16")
      assert.include(await page.locator("#what-fits").innerText(), "Does Planned 70B Q4_K_M fit?")
      assert.include(await page.locator("#trust").innerText(), "runs valid")
      assert.include(await page.locator("#about").innerText(), "RTX 5090")
    })
    await withPage(
      whole,
      async (page) => {
        for (const card of QUESTIONS) assert.isAtMost(await bottom(page, card), 5 * 844, card)
      },
      { viewport: { width: 390, height: 844 } },
    )
  })

  it("keeps what is chosen in its address, also while a run is open", () =>
    withPage(whole, async (page) => {
      await page.getByRole("searchbox").fill("q4")
      await page.getByLabel("Verdict").selectOption("planned")
      assert.strictEqual(await page.evaluate(() => location.hash), "#text=q4&verdict=planned")
      assert.deepStrictEqual(await models(page).locator("th a").allInnerTexts(), ["Planned 70B Q4_K_M"])
      await page.evaluate(() => (location.hash = "#run=watched"))
      await page.getByRole("dialog").waitFor()
      assert.strictEqual(await page.evaluate(() => location.hash), "#text=q4&verdict=planned&run=watched")
      await page.keyboard.press("Escape")
      await page.waitForFunction(() => location.hash === "#text=q4&verdict=planned")
      await page.reload()
      assert.strictEqual(await page.getByRole("searchbox").inputValue(), "q4")
      assert.strictEqual(await models(page).count(), 1)
      await page.getByRole("button", { name: "Show all" }).click()
      assert.strictEqual(await page.evaluate(() => location.hash), "")
    }))

  it("shows where a run was requested, where it was, what proves it, and how to repeat it", () =>
    withPage(whole, async (page) => {
      await page.evaluate(() => (location.hash = "#run=watched"))
      const text = await page.getByRole("dialog").innerText()
      for (const part of ["Requested", "Effective", "verified", "agrees, driver: its process is on GPU 0"])
        assert.include(text, part)
      assert.include(text, "rigbook run watched --filter latency-short-chat-2x128 --fresh")
      assert.match(text, /warm-up, 10 measured/)
    }))

  it("compares two runs that are ticked, by keyboard alone", () =>
    withPage(whole, async (page) => {
      for (const name of ["Compare Big Llama 8B F16", "Compare Big Llama 8B Q4_K_M"]) {
        await page.getByRole("checkbox", { name }).first().focus()
        await page.keyboard.press("Space")
      }
      await page.getByRole("button", { name: "Compare", exact: true }).focus()
      await page.keyboard.press("Enter")
      const dialog = page.getByRole("dialog", { name: "Two runs compared" })
      const ttft = dialog.locator("tbody tr").filter({ hasText: "Time to first token" })
      assert.include(await ttft.innerText(), "better")
      assert.match(await ttft.innerText(), /−\d+\.\d % \(−\d+\.\d to −\d+\.\d %\)/)
      await inspect(page)
      await page.keyboard.press("Escape")
      assert.isFalse(await dialog.isVisible())
    }))

  it("does not compare runs of other work, and says why", () =>
    withPage(whole, async (page) => {
      await page.evaluate(() => (location.hash = "#compare=context-512,context-2048"))
      assert.include(await page.getByRole("dialog").innerText(), "Not compared: they ran different scenarios")
    }))

  it("has the history of a figure over dates and engines, and compares two dates", () =>
    withPage(file("history.html", html.registry(rigRegistry(measuredTwice))), async (page) => {
      const dates = page.locator("#dates")
      assert.include(await dates.innerText(), "1 cells were measured again")
      assert.include(await dates.locator("tbody").innerText(), "worse")
      await page.evaluate((id) => (location.hash = `#run=${id}`), measuredTwice[1]!.id)
      const history = page.getByRole("region", { name: "History of the figure" }).locator("tbody tr")
      assert.strictEqual(await history.count(), 2)
      assert.include(await history.first().innerText(), "llama-server b6000")
      await history.first().getByRole("link", { name: "Compare" }).click()
      await page.getByRole("dialog", { name: "Two runs compared" }).waitFor()
      await inspect(page)
    }))
})

describe("hostile content", () => {
  it("changes nothing but the text that is shown", () =>
    withPage(file("hostile.html", html.registry(hostileRegistry)), async (page) => {
      const text = await page.locator("#models tbody").innerText()
      assert.include(text, "</script><img src=x onerror=alert(1)><!--")
      assert.include(text, "=HYPERLINK")
      assert.include(text, "[U+202E]")
      assert.strictEqual(await page.locator("img").count(), 0)
      assert.strictEqual(await page.locator("script").count(), 2)
      await models(page).locator("a[href^='#model']").first().click()
      const dialog = page.getByRole("dialog")
      assert.strictEqual((await dialog.locator(".note").innerText()).length, 2 * 2 ** 20)
      const records = await dialog.getByRole("link").evaluateAll((links) => links.map((a) => a.getAttribute("href")))
      for (const href of records) assert.match(href ?? "", /^(?:#(?:run|model)=|\.\.\/benchmarks\/|notes\/)/)
    }))
})

/** One cell, measured again with a newer engine that is slower. */
const measuredTwice = [1, 1.2].map((slower, at) => {
  const { cell } = languageRun()
  const { runtime } = cell
  return languageRun({
    id: `2025100${at + 1}T000000Z-again`,
    startedAt: `2025-10-0${at + 1}T00:00:00.000Z`,
    // oxlint-disable-next-line typescript/no-misused-spread -- its fields make another one.
    cell: { runtime: new Runtime({ ...runtime, version: at === 0 ? "b6000" : "b6940" }) },
    values: [value("ttft", "Time to first token", "ms", around(40 * slower))],
  })
})

const copy = (record: (typeof rigRecords)[number], at: number): typeof record =>
  Object.assign(Object.create(Object.getPrototypeOf(record)) as typeof record, record, { id: `${record.id}-${at}` })
