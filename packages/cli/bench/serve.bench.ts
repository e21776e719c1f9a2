import { execa } from "execa"
import { cpSync, mkdtempSync, readFileSync, rmSync, utimesSync } from "node:fs"
import { Agent, get, type IncomingMessage } from "node:http"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, test } from "vitest"

const CLI = join(import.meta.dirname, "../dist/bin.js") // `pnpm bench` bundles it first
const REPOSITORY = join(import.meta.dirname, "../../..")
const CLIENTS = 500
/** `SERVE_SECONDS=900 pnpm bench packages/cli/bench/serve` shows memory over a longer time. */
const SECONDS = Number(process.env["SERVE_SECONDS"] ?? 30)

/** The registry of this repository, which changes while it is served. */
const root = mkdtempSync(join(tmpdir(), "rigbook-bench-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))
for (const part of ["rigbook.yaml", "models", "benchmarks"])
  cpSync(join(REPOSITORY, part), join(root, part), { recursive: true })

test(
  `rigbook serve: ${CLIENTS} clients for ${SECONDS} s, beside readers that take nothing`,
  { timeout: SECONDS * 1000 + 270_000 },
  async () => {
    const serving = execa(process.execPath, [CLI, "serve", "--json"], { cwd: root, reject: false })
    const port = await new Promise<number>((resolve) =>
      serving.stdout.once("data", (text: Buffer) => resolve(Number(new URL(JSON.parse(text.toString()).url).port))),
    )
    const agent = new Agent() // a connection for each request: an idle one may be closed just when it is used again
    const answered = (path: string) =>
      new Promise<{ readonly status: number | undefined; readonly ms: number; readonly bytes: number }>(
        (resolve, reject) => {
          const from = performance.now()
          get({ port, path, agent }, (response) => {
            let bytes = 0
            response.on("data", (chunk: Buffer) => (bytes += chunk.length))
            response.on("end", () => resolve({ status: response.statusCode, ms: performance.now() - from, bytes }))
          }).on("error", reject)
        },
      )
    /** MiB of the server's memory now. */
    const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${serving.pid}/status`, "utf8"))![1]) / 1024

    for (let round = 0; round < 20; round++) await answered("/models/registry.html")
    const before = memory()
    // They request the page over and over, and events, and read nothing of them.
    const slow = ["/models/registry.html", "/models/events"].flatMap((path) =>
      Array.from({ length: 5 }, () => {
        const socket = connect(port, "127.0.0.1")
        socket.pause()
        socket.on("error", () => {})
        socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(path.endsWith("html") ? 50 : 1))
        return socket
      }),
    )
    const windows = await Promise.all(
      Array.from(
        { length: CLIENTS },
        () =>
          new Promise<IncomingMessage>((resolve, reject) => {
            get({ port, path: "/models/events", agent: false }, resolve).on("error", reject)
          }),
      ),
    )
    let events = 0
    for (const window of windows)
      window.on("data", (chunk: Buffer) => (events += chunk.toString().split("event: ").length - 1))
    const until = performance.now() + SECONDS * 1000
    const took: Array<number> = []
    const statuses = new Map<number | undefined, number>()
    let most = before
    /** Each sixth of the time: what grows for ever is larger in each. */
    const peaks = Array.from({ length: 6 }, () => 0)
    const from = performance.now()
    const client = async (index: number) => {
      await sleep((index / CLIENTS) * 2_000) // windows are not opened in the same millisecond
      while (performance.now() < until) {
        const { ms, status } = await answered(index % 10 === 0 ? "/models/registry.html" : "/models/data.json")
        took.push(ms)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        await sleep(2_000)
      }
    }
    const changing = async () => {
      while (performance.now() < until) {
        utimesSync(join(root, "models/rating.yaml"), new Date(), new Date())
        await sleep(5_000)
      }
    }
    const watching = async () => {
      while (performance.now() < until) {
        const now = memory()
        most = Math.max(most, now)
        const part = Math.min(5, Math.floor((performance.now() - from) / ((SECONDS * 1000) / 6)))
        peaks[part] = Math.max(peaks[part]!, now)
        await sleep(200)
      }
    }
    await Promise.all([changing(), watching(), ...Array.from({ length: CLIENTS }, (_, index) => client(index))])
    took.sort((a, b) => a - b)
    const at = (share: number) => took[Math.min(took.length - 1, Math.floor(share * took.length))]!.toFixed(0)
    console.log(
      `${took.length} answers (${[...statuses].map(([status, count]) => `${status}: ${count}`).join(", ")}), ${events} events to ${windows.filter(({ statusCode }) => statusCode === 200).length} windows; ` +
        `median ${at(0.5)} ms, 99 % within ${at(0.99)} ms, slowest ${at(1)} ms; ` +
        `memory ${before.toFixed(0)} MiB before, at most ${most.toFixed(0)} MiB (by sixths of the time ${peaks.map((mib) => mib.toFixed(0)).join(", ")}), ${memory().toFixed(0)} MiB after`,
    )
    for (const socket of slow) socket.destroy()
    for (const window of windows) window.destroy()
    agent.destroy()
    serving.kill("SIGINT")
    await serving
  },
)
