import { execaSync } from "execa"
import { join } from "node:path"
import { test } from "vitest"

const CLI = join(import.meta.dirname, "../dist/bin.js")
const node = (args: ReadonlyArray<string>) => () => void execaSync(process.execPath, [...args], { stdout: "ignore" })

const RUNS = { iterations: 20, warmupIterations: 3, time: 0 }

test("rigbook --help, beside Node doing nothing", async ({ bench }) => {
  const result = await bench.compare(
    bench("node -e 0", node(["-e", "0"])),
    bench("rigbook --help", node([CLI, "--help"])),
    RUNS,
  )
  const median = (name: "node -e 0" | "rigbook --help") => result.get(name).latency.p50
  console.log(
    `rigbook --help: ${median("rigbook --help").toFixed(0)} ms, Node alone: ${median("node -e 0").toFixed(0)} ms (medians of 20)`,
  )
})
