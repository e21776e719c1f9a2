import { assert, describe, it } from "@effect/vitest"
import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"

const ROOT = join(import.meta.dirname, "..")
const KIT = join(ROOT, "tools/gpu-kit")
const RAW = join(ROOT, "benchmarks/results/raw")

const folder = mkdtempSync(join(tmpdir(), "rigbook-kit-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const python = (...args: ReadonlyArray<string>) => spawnSync("python3", args, { encoding: "utf8" })

describe("what tools/gpu-kit carries to a machine with a GPU", () => {
  it("has a CLI that runs without the checkout, an environment and a home", () => {
    execFileSync(process.execPath, [join(KIT, "collect.ts"), ROOT, join(folder, "app")])
    const bin = join(folder, "app/node_modules/rigbook/dist/bin.js")
    const rigbook = (cwd: string, ...args: ReadonlyArray<string>): string =>
      execFileSync(process.execPath, [bin, ...args], { cwd, encoding: "utf8", env: { PATH: "/usr/bin:/bin" } })
    rigbook(folder, "init", "workspace")
    const plan = JSON.parse(rigbook(join(folder, "workspace"), "doctor", "--json")) as {
      readonly engines: ReadonlyArray<{ readonly backend: string; readonly problem?: string }>
    }
    for (const backend of ["llamacpp", "sentence-transformers"]) {
      const engine = plan.engines.find((each) => each.backend === backend)
      assert.isDefined(engine, backend)
      assert.notMatch(engine?.problem ?? "", /^Plugin/, backend)
    }
  })

  it("has scripts that the shell can read", () => {
    for (const name of readdirSync(KIT).filter((file) => file.endsWith(".sh"))) {
      const { status, stderr } = spawnSync("bash", ["-n", join(KIT, name)], { encoding: "utf8" })
      assert.strictEqual(status, 0, `${name}: ${stderr}`)
    }
  })

  it.skipIf(python("--version").status !== 0)("sums up records of today, each with its verdict (needs python3)", () => {
    const { status, stderr, stdout } = python(join(KIT, "summary.py"), RAW)
    assert.strictEqual(status, 0, stderr)
    for (const record of readdirSync(RAW)) {
      const { cell, verdict } = JSON.parse(readFileSync(join(RAW, record, "record.json"), "utf8")) as {
        readonly cell: { readonly config: { readonly id: string } }
        readonly verdict: { readonly status: string }
      }
      assert.match(stdout, new RegExp(`^${cell.config.id} · .*: ${verdict.status} \\(.*proof`, "m"), record)
    }
  })

  it.skipIf(python("--version").status !== 0)("asks a driver, or says that there is none (needs python3)", () => {
    const { status, stderr, stdout } = python(join(KIT, "driver.py"), join(folder, "driver"))
    assert.strictEqual(status, 0, stderr)
    assert.match(stdout, /^NVML: no library|^nvmlInit_v2/)
    assert.include(readdirSync(join(folder, "driver")), "nvidia-smi-query.txt")
  })
})
