import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { Schema } from "effect"
import { afterAll, beforeAll, test } from "vitest"
import { launchChromium, newPage } from "../test/html/chromium.ts"
import { writeWorkspace } from "./workspace.ts"

const REPORTERS = ["markdown", "json", "csv", "html", "markdown,json,csv,html"]
const [FEW, MANY] = [100, 1000]
const Took = Schema.Struct({ ms: Schema.Finite, cpuMs: Schema.Finite })
const Rendered = Schema.fromJsonString(
  Schema.Struct({ records: Schema.Int, read: Took, render: Took, bytes: Schema.Int }),
)

const folder = mkdtempSync(join(tmpdir(), "rigbook-bench-"))
const workspaceOf = (models: number): string => join(folder, String(models))

beforeAll(() => {
  for (const models of [FEW, MANY]) writeWorkspace(workspaceOf(models), models)
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true }))

const render = (ids: string, models: number) =>
  Schema.decodeUnknownSync(Rendered)(
    execFileSync(
      process.execPath,
      ["--conditions=@rigbook/source", join(import.meta.dirname, "render.ts"), ids, workspaceOf(models)],
      { encoding: "utf8" },
    ),
  )

test(`registries of ${MANY} models with 20 runs each, beside ${FEW}`, { timeout: 600_000 }, () => {
  for (const ids of REPORTERS) {
    const [few, many] = [render(ids, FEW), render(ids, MANY)]
    const { bytes, read, records, render: took } = many
    console.log(
      [
        `${ids}: rendered and written in ${took.ms.toFixed(0)} ms (${(took.ms / few.render.ms).toFixed(1)} times those of ${FEW}; ${took.cpuMs.toFixed(0)} ms of processor time)`,
        `${(bytes / 1e6).toFixed(1)} MB`,
        `${records} records read in ${read.ms.toFixed(0)} ms before`,
      ].join(", "),
    )
  }
})

const PROGRAM = join(import.meta.dirname, "../../cli/dist/bin.js") // `pnpm bench` bundles it first
const TELL_PEAK = `data:text/javascript,process.on("exit",()=>console.error(process.resourceUsage().maxRSS))`

test(`the command for ${MANY} models, from its start to its end`, { timeout: 300_000 }, () => {
  const from = performance.now()
  const { status, stderr } = spawnSync(process.execPath, ["--import", TELL_PEAK, PROGRAM, "registry"], {
    cwd: workspaceOf(MANY),
    encoding: "utf8",
  })
  if (status !== 0) throw new Error(`rigbook registry ended with ${status}: ${stderr}`)
  const ms = performance.now() - from
  console.log(
    `rigbook registry: ${(ms / 1000).toFixed(1)} s, ${((Number(stderr) * 1024) / 1e6).toFixed(0)} MB at most, records and all`,
  )
})

test(`the page of ${MANY} models in Chromium, beside that of ${FEW}`, { timeout: 300_000 }, async () => {
  const browser = await launchChromium()
  for (const models of [FEW, MANY]) {
    render("html", models)
    const page = await newPage(browser)
    await page.goto(pathToFileURL(join(workspaceOf(models), "models/registry.html")).href)
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
})
