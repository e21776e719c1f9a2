import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { recordFolders, rigbook, sampleModel, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const FILES = `${sampleModel("smollm2-135m-instruct")}backends:
  llamacpp: { context: 1024, threads: 1, parallel: 2 }
scenarios:
  - { kind: trace, file: mine/mooncake.jsonl, requests: 3, speed: 4, longest: 500, retry: {} }
  - { kind: trace, file: mine/azure.csv, cache: repeated }
  - { kind: latency, prompts: { file: mine/asked.jsonl }, requests: 2, outputTokens: 4, cache: fresh }
protocol:
  warmup: { max: 4, within: 0.5 }
  trials: { min: 6, max: 7, within: 0.5 }
`
const TRACE = `{"timestamp": 1000, "input_length": 40, "output_length": 4, "hash_ids": [1]}
{"timestamp": 1000, "input_length": 90000, "output_length": 4, "hash_ids": [1, 2]}
{"timestamp": 1400, "input_length": 60, "output_length": 6, "hash_ids": [1]}
{"timestamp": 1800, "input_length": 20, "output_length": 5, "hash_ids": [3]}
`
const AZURE = `TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:15:46.6805900,37,4
2023-11-16 18:15:46.8805900,39,5
`

interface Recorded {
  readonly cell: { readonly scenario: { readonly kind: string }; readonly prompts: object }
  readonly samples: { readonly warmup: number; readonly measured: number }
  readonly values: ReadonlyArray<{
    readonly metric: string
    readonly result: { readonly summary?: { median: number } }
  }>
  readonly verdict: { readonly status: string; readonly reasons: ReadonlyArray<{ readonly code: string }> }
}
const records = (root: string): ReadonlyArray<Recorded> =>
  recordFolders(root).map((folder) => JSON.parse(readFileSync(join(folder, "record.json"), "utf8")) as Recorded)
const median = ({ values }: Recorded, id: string) =>
  values.find(({ metric }) => metric === id)?.result.summary?.median ?? Number.NaN

describe("traces and files of prompts, with a real engine", () => {
  const root = writeWorkspace(temporaryFolder(), {
    "models/configs/files.yaml": FILES,
    "mine/mooncake.jsonl": TRACE,
    "mine/azure.csv": AZURE,
    "mine/asked.jsonl": '{"prompt":"Name a colour."}\n{"messages":[{"role":"user","content":"Name a fruit."}]}\n',
  })

  it("run until figures are sure, and are verified", async () => {
    const { exitCode, stderr } = await rigbook(root, ["run"])
    assert.strictEqual(exitCode, 0, stderr)
    const all = records(root)
    assert.deepStrictEqual(
      all.map(({ cell, verdict }) => [cell.scenario.kind, verdict.reasons.some(({ code }) => code === "errors")]),
      [
        ["trace", false],
        ["trace", false],
        ["latency", false],
      ],
    )
    for (const { samples } of all) {
      assert.isTrue(samples.warmup >= 3 && samples.warmup <= 4, `${samples.warmup} warm-ups`)
      assert.isTrue(samples.measured >= 6 && samples.measured <= 7, `${samples.measured} trials`)
    }
    const [mooncake] = all
    assert.isAtLeast(median(mooncake!, "send_lag"), 0)
    assert.strictEqual(median(mooncake!, "cached_share"), 0)
    const requests = (folder: string) =>
      readFileSync(join(folder, "samples.ndjson"), "utf8")
        .split("\n")
        .filter((line) => line.includes('"phase":"measured"'))
        .map((line) => (JSON.parse(line) as { sample: { requests: ReadonlyArray<Record<string, number>> } }).sample)
    const [sample] = requests(recordFolders(root)[0]!)
    assert.deepStrictEqual(
      sample!.requests.map(({ outputTokens, scheduledMs }) => [scheduledMs, outputTokens]),
      [
        [0, 4],
        [100, 6],
        [200, 5],
      ],
    )
    for (const [at, requested] of [40, 60, 20].entries())
      assert.approximately(sample!.requests[at]!["inputTokens"]!, requested, requested / 2)
    assert.strictEqual((await rigbook(root, ["verify"])).exitCode, 0)
  })

  it("reports a trace that is none at its line, and at the config's place", async () => {
    const odd = writeWorkspace(temporaryFolder(), {
      "models/configs/odd.yaml": FILES,
      "mine/mooncake.jsonl": `${TRACE}{"timestamp": 1}\n`,
      "mine/azure.csv": AZURE.replace("37", "many"),
    })
    const { exitCode, stderr } = await rigbook(odd, ["run"])
    assert.strictEqual(exitCode, 2)
    const line = FILES.slice(0, FILES.indexOf("mine/mooncake.jsonl")).split("\n").length
    assert.match(stderr, new RegExp(`odd\\.yaml:${line}:26: scenarios\\[0\\]\\.file: .*\\(mine/mooncake\\.jsonl:5\\)`))
    assert.include(stderr, 'ContextTokens is not a number of tokens: "many" (mine/azure.csv:2)')
    assert.include(stderr, "this file does not exist (mine/asked.jsonl)")
  })
})
