import { assert, describe, it } from "@effect/vitest"
import type { RunRecord } from "@rigbook/core"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { recordFolders, rigbook, sampleModel, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const MODEL = sampleModel("smollm2-135m-instruct")
const RAMP = `${MODEL}backends:
  llamacpp: { context: 1024, threads: 1, parallel: 2 }
scenarios:
  - kind: concurrency
    prompts: { tokens: 16 }
    streams: { from: 1, to: 16, gain: 0.3 }
    requests: 8
    outputTokens: 8
    slo: { e2e: 60000 }
protocol: { warmup: 1, trials: 2 }
`
const streamsOf = (root: string): ReadonlyArray<number> =>
  recordFolders(root).map((folder) => {
    const record = JSON.parse(readFileSync(join(folder, "record.json"), "utf8")) as typeof RunRecord.Encoded
    return (record.cell.scenario as { readonly streams: number }).streams
  })

describe("a ramp of a real engine", () => {
  const root = writeWorkspace(temporaryFolder(), { "models/configs/ramp.yaml": RAMP })

  it("shows its bound in the plan", async () => {
    const { stdout } = await rigbook(root, ["plan"])
    assert.include(stdout, "rung 5 of at most 5; run unless one below ends it")
  })

  it("ends where two lanes are full, and says so in the registry", async () => {
    const { exitCode, stdout, stderr } = await rigbook(root, ["run"])
    assert.strictEqual(exitCode, 0, stderr)
    assert.match(stdout, /concurrency-16-\S+: skipped, at [248], the throughput grew by less than 30 % from [124]/)
    const loads = streamsOf(root)
    assert.isTrue(loads.length >= 2 && loads.length <= 4, loads.join())
    const pages = readdirSync(join(root, "models")).filter((name) => name.endsWith(".md"))
    const page = pages.map((name) => readFileSync(join(root, "models", name), "utf8")).join("\n")
    assert.match(page, /### Load scaling[^]*The largest load that meets the objectives: \*\*\d+ streams\*\*/)
    const again = await rigbook(root, ["run", "--json"])
    assert.strictEqual(again.exitCode, 0, again.stderr)
    assert.strictEqual(recordFolders(root).length, loads.length, "nothing is measured again, and no rung is added")
    assert.strictEqual((await rigbook(root, ["verify"])).exitCode, 0)
  })
})
