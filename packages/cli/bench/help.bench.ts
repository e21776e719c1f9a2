import { execaSync } from "execa"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, test } from "vitest"

const CLI = join(import.meta.dirname, "../dist/bin.js")

/** A workspace with ten plugins; loading any of them would be seen. */
const root = mkdtempSync(join(tmpdir(), "rigbook-bench-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))
writeFileSync(join(root, "rigbook.yaml"), "rigbook: 1\n")
for (let index = 0; index < 10; index++) {
  const folder = join(root, `node_modules/plugin-${index}`)
  const backends = [{ id: `engine-${index}`, description: "none", export: "./index.js" }]
  mkdirSync(folder, { recursive: true })
  const manifest = { name: `plugin-${index}`, version: "1.0.0", type: "module", rigbook: { contract: 1, backends } }
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest))
  writeFileSync(join(folder, "index.js"), "console.log('loaded'); process.exit(9)")
}

const node = (args: ReadonlyArray<string>) => () =>
  void execaSync(process.execPath, [...args], { cwd: root, stdout: "ignore", reject: !args.includes("list") })

const RUNS = { iterations: 20, warmupIterations: 3, time: 0 }

test("rigbook --help with ten plugins installed, beside Node doing nothing", async ({ bench }) => {
  const names = ["node -e 0", "rigbook --help", "rigbook plugin list"] as const
  const result = await bench.compare(
    bench(names[0], node(["-e", "0"])),
    bench(names[1], node([CLI, "--help"])),
    bench(names[2], node([CLI, "plugin", "list"])),
    RUNS,
  )
  const reported = names.map((name) => `${name}: ${result.get(name).latency.p50.toFixed(0)} ms`)
  console.log(`with ten plugins: ${reported.join(", ")} (medians of 20)`)
})
