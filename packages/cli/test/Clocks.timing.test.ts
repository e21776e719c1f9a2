import { assert, it } from "@effect/vitest"
import { Sample } from "@rigbook/core"
import { agreement } from "@rigbook/records"
import { Schema } from "effect"
import {
  firstPrompts,
  journalOf,
  recordFolders,
  rigbook,
  sampleModel,
  temporaryFolder,
  writeWorkspace,
} from "./TemporaryWorkspace.ts"

const decodeSample = Schema.decodeUnknownSync(Sample)

// One thread leaves a core to us even on two: what is compared is clocks, not who gets a core.
const CONFIG = `${sampleModel("smollm2-135m-instruct")}backends:
  llamacpp: { context: 2048, threads: 1 }
scenarios:
  - { kind: latency, prompts: short-chat, requests: 1, outputTokens: 48 }
protocol: { warmup: 1, trials: 5 }
`

it("the engine's clock and ours agree: decode within 1 %, prefill within 5 %", async () => {
  const root = writeWorkspace(temporaryFolder(), {
    "models/configs/smollm2.yaml": CONFIG,
    "benchmarks/configs/prompts/short-chat.jsonl": firstPrompts("short-chat", 3),
  })
  const { exitCode, stderr } = await rigbook(root, ["run"])
  assert.strictEqual(exitCode, 0, stderr)
  const trials = journalOf(recordFolders(root)[0]!)
    .flatMap(({ sample }) => (sample?.phase === "measured" ? [decodeSample(sample)] : []))
    .map((sample) => agreement(sample)!)
  const percent = (ratio: number): string => `${(100 * (ratio - 1)).toFixed(2)} %`.padStart(9)
  console.log(
    ["our clock against llama-server's timings", "trial   decode  prefill"]
      .concat(
        trials.map(({ decode, prefill }, trial) => `${String(trial).padEnd(5)}${percent(decode)}${percent(prefill)}`),
      )
      .join("\n"),
  )
  assert.strictEqual(trials.length, 5)
  // In the median: a busy machine may hold up single trials. One interval too many would be 2 % in each.
  const median = (ratios: ReadonlyArray<number>) => ratios.toSorted((a, b) => a - b)[ratios.length >> 1]!
  assert.approximately(median(trials.map(({ decode }) => decode)), 1, 0.01)
  assert.approximately(median(trials.map(({ prefill }) => prefill)), 1, 0.05)
})
