import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { isPortFree } from "@rigbook/core/engine"
import { Effect } from "effect"
import { execa } from "execa"
import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { type IncomingMessage, request } from "node:http"
import { networkInterfaces } from "node:os"
import { join } from "node:path"
import { launchChromium, newPage, takePicture } from "../../reporters/test/html/chromium.ts"
import {
  CLI,
  firstPrompts,
  rigbook,
  sampleModel,
  temporaryFolder,
  until,
  writeWorkspace,
} from "./TemporaryWorkspace.ts"

// One thread: two that wait for each other stand still where other programs run, and one takes a quick machine longer
// than the server takes from look to look.
const config = `${sampleModel("smollm2-135m-instruct")}backends:
  llamacpp: { context: 1024, threads: 1 }
scenarios:
  - { kind: latency, prompts: short-chat, requests: 1, outputTokens: 64 }
  - { kind: latency, prompts: short-chat, requests: 1, outputTokens: 8 }
protocol: { warmup: 1, trials: 5 }
`

let browser: Awaited<ReturnType<typeof launchChromium>>
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

/** Starts `rigbook serve` and waits for its address. */
const served = async (root: string, ...args: ReadonlyArray<string>) => {
  const serving = execa(process.execPath, [CLI, "serve", "--json", ...args], { cwd: root, reject: false })
  let printed = ""
  serving.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()))
  await until("the address", () => printed.includes("}"))
  const { url } = JSON.parse(printed) as { readonly url: string }
  return { serving, url, port: Number(new URL(url).port) }
}

/** A window whose complaints are kept, and whose requests to elsewhere. */
const windowAt = async (url: string) => {
  const page = await newPage(browser, { viewport: { width: 1280, height: 900 } })
  const troubles: Array<string> = []
  page.on("console", (message) => troubles.push(`console: ${message.text()}`))
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`))
  page.on("request", (requested) => {
    if (!requested.url().startsWith(url)) troubles.push(`request: ${requested.url()}`)
  })
  let loads = 0
  page.on("load", () => loads++)
  await page.goto(url)
  return { page, troubles, loads: () => loads }
}

const ask = async (
  port: number,
  path: string,
  { host = "127.0.0.1", ...options }: { host?: string; method?: string; headers?: Record<string, string> } = {},
) => {
  const requested = request({ host, port, path, ...options }).end()
  const [response] = (await once(requested, "response")) as [IncomingMessage]
  let text = ""
  for await (const chunk of response) text += String(chunk)
  return { status: response.statusCode, headers: response.headers, text }
}

describe("rigbook serve", () => {
  it("shows a run in every window as it goes on, without reloading", async () => {
    const root = writeWorkspace(temporaryFolder(), {
      "models/configs/smollm2.yaml": config,
      "benchmarks/configs/prompts/short-chat.jsonl": firstPrompts("short-chat", 6),
    })
    const { port, serving, url } = await served(root)
    const windows = await Promise.all([windowAt(url), windowAt(url)])
    const [first, second] = windows
    await first!.page.getByText("Nothing is being measured").waitFor()
    await first!.page.getByRole("searchbox").fill("smollm2")

    // A trial of a quick machine may be over between two looks: any after the first will do.
    const measuring = execa(process.execPath, [CLI, "run"], { cwd: root, reject: false })
    const live = (page: typeof first) => page!.page.locator("#live")
    const over = measuring.then(({ stderr }) => assert.fail(`the run was over before it was observed: ${stderr}`))
    over.catch(() => "is reported by whoever waits")
    const whileItRuns = (observed: Promise<void>) => Promise.race([observed, over])
    await whileItRuns(
      live(first)
        .getByText(/trial [2-5] of 5/)
        .waitFor(),
    )
    const panel = await live(first).innerText()
    assert.include(panel, "Cell 1 of 2: SmolLM2 135M Instruct")
    assert.include(panel, "Decode speed (tokens/s)")
    assert.match(panel, /\d+ trials?: [\d.]+/)
    assert.include(panel, "latency-short-chat-1x8")
    if (process.env["PICTURES"] !== undefined) await takePicture(first!.page, join(process.env["PICTURES"], "live.png"))
    await whileItRuns(live(second).getByText("Cell 2 of 2").waitFor())

    const { exitCode, stderr } = await measuring
    assert.strictEqual(exitCode, 0, stderr)
    for (const { page, troubles, loads } of windows) {
      await page.locator("#live").getByText("Nothing is being measured").waitFor()
      await page.locator("#runs > details > summary").click()
      await page.locator("#runs tbody tr").nth(1).waitFor()
      assert.include(await page.locator("#about").innerText(), "2 runs")
      assert.strictEqual(loads(), 1)
      assert.deepStrictEqual(troubles, [])
    }
    assert.strictEqual(await first!.page.getByRole("searchbox").inputValue(), "smollm2")

    // The record that a run's row names, as a file of its own.
    const href = await first!.page.locator("#runs tbody tr").first().getByRole("link").last().getAttribute("href")
    const record = await ask(port, new URL(href!, `${url}models/registry.html`).pathname)
    assert.strictEqual(record.status, 200)
    assert.include(record.headers["content-security-policy"], "sandbox")
    assert.isObject(JSON.parse(record.text))

    const { pid } = serving
    const ticks = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, "utf8").split(" ") : []
    console.log(`processor time of the server, start included: ${(Number(ticks[13]) + Number(ticks[14])) / 100} s`)
    serving.kill("SIGINT")
    const ended = await serving
    assert.strictEqual(ended.exitCode, 130)
    assert.strictEqual(ended.stderr, "")
    assert.isFalse(existsSync(`/proc/${pid}`))
    assert.isTrue(await Effect.runPromise(isPortFree(port)))
    await live(first).getByText("The server does not answer").waitFor()
    for (const { page } of windows) await page.close()
  })

  it("answers to this machine and its own names alone, and shows nothing but what the page links to", async () => {
    const root = writeWorkspace(temporaryFolder(), {})
    const { port, serving } = await served(root)
    const elsewhere = Object.values(networkInterfaces()).flatMap((of = []) =>
      of.filter(({ family, internal }) => family === "IPv4" && !internal).map(({ address }) => address),
    )
    // Another address of loopback is as little listened on as one of the network.
    for (const host of ["127.0.0.2", ...elsewhere]) {
      const error = await ask(port, "/", { host }).catch((cause: NodeJS.ErrnoException) => cause)
      assert.instanceOf(error, Error)
      assert.include(["ECONNREFUSED", "EADDRNOTAVAIL"], (error as NodeJS.ErrnoException).code)
    }
    assert.strictEqual((await ask(port, "/models/data.json", { headers: { host: "rebound.example" } })).status, 421)
    assert.strictEqual((await ask(port, "/models/registry.html", { method: "POST" })).status, 405)
    for (const path of ["/rigbook.yaml", "/../rigbook.yaml", "/..%2frigbook.yaml", "/models/%2e%2e/rigbook.yaml"])
      assert.strictEqual((await ask(port, path)).status, 404, path)
    const page = await ask(port, "/models/registry.html")
    assert.strictEqual(page.status, 200)
    assert.include(page.headers["content-security-policy"], "frame-ancestors 'none'")
    assert.include(page.text, "connect-src 'self'")
    assert.strictEqual(page.headers["x-content-type-options"], "nosniff")

    const taken = await rigbook(root, ["serve", "--port", String(port)])
    assert.strictEqual(taken.exitCode, 2)
    assert.include(taken.stderr, `Port ${port} is in use`)
    serving.kill("SIGTERM")
    assert.strictEqual((await serving).exitCode, 130)
  })

  it("says where there is no workspace", async () => {
    const { exitCode, stderr } = await rigbook(temporaryFolder(), ["serve"])
    assert.strictEqual(exitCode, 2)
    assert.include(stderr, "rigbook init")
  })
})
