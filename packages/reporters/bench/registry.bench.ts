import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { Schema } from "effect"
import { test } from "vitest"
import { LOCALE, launchChromium } from "../test/html/chromium.ts"

const REPORTERS = ["markdown", "json", "csv", "html", "markdown,json,csv,html"]
const [FEW, MANY] = [100, 1000]
const Rendered = Schema.fromJsonString(
  Schema.Struct({
    ms: Schema.Finite,
    cpuMs: Schema.Finite,
    characters: Schema.Int,
    addedKib: Schema.Int,
    allKib: Schema.Int,
  }),
)

const render = (id: string, models: number, file = "") =>
  Schema.decodeUnknownSync(Rendered)(
    execFileSync(
      process.execPath,
      ["--conditions=@rigbook/source", join(import.meta.dirname, "render.ts"), id, String(models), file],
      { encoding: "utf8" },
    ),
  )

test(`registries of ${MANY} models with 20 runs each, beside ${FEW}`, { timeout: 300_000 }, () => {
  for (const id of REPORTERS) {
    const [few, many] = [render(id, FEW), render(id, MANY)]
    console.log(
      `${id}: ${many.ms.toFixed(0)} ms (${(many.ms / few.ms).toFixed(1)} times those of ${FEW}; ${many.cpuMs.toFixed(0)} ms of processor time), ${(many.characters / 1e6).toFixed(1)} million characters, ${(many.addedKib / 1024).toFixed(0)} MiB beside the records, ${(many.allKib / 1024).toFixed(0)} in all`,
    )
  }
})

test(`the page of ${MANY} models in Chromium, beside that of ${FEW}`, { timeout: 300_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "rigbook-bench-"))
  const browser = await launchChromium()
  for (const models of [FEW, MANY]) {
    const file = join(folder, `${models}.html`)
    render("html", models, file)
    const page = await browser.newPage(LOCALE)
    await page.goto(pathToFileURL(file).href)
    const paint = await page.evaluate<number>(
      `new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries()[0].startTime)).observe({ type: "paint", buffered: true }))`,
    )
    const ready = await page.evaluate<number>("performance.now()")
    const from = performance.now()
    await page.getByRole("searchbox").fill("q4_k_m noisy")
    const filtered = performance.now() - from
    console.log(
      `${models} models: first paint ${paint.toFixed(0)} ms, ready after ${ready.toFixed(0)} ms, filtered in ${filtered.toFixed(0)} ms`,
    )
    await page.close()
  }
  await browser.close()
  rmSync(folder, { recursive: true })
})
