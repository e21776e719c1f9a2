import { assert, it } from "@effect/vitest"
import type { RunRecord } from "@rigbook/core"
import { readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { recordFolders, rigbook, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const CONFIG = `name: Tiny Llama of random weights
task: generate
source:
  synthetic:
    { format: safetensors, architecture: llama, layers: 2, hiddenSize: 128, feedForward: 256, heads: 4, kvHeads: 2,
      vocabulary: 512, contextLength: 512, quantization: BF16 }
backends:
  vllm: { dtype: float32, enforceEager: true, kvCacheBytes: 67108864, maxSequences: 8, maxModelLen: 512 }
placement: { strategy: replicas, devices: [cpu], degree: 2 }
scenarios:
  - { kind: concurrency, prompts: brief, streams: 2, requests: 8, outputTokens: 8 }
protocol: { warmup: 1, trials: 5 }
`

it("a config copies a model to two processes of vLLM, both answer, and the report shows the memory of each", async () => {
  const setup = await rigbook(tmpdir(), ["setup", "vllm", "--json"])
  assert.strictEqual(setup.exitCode, 0, setup.stderr)
  const root = writeWorkspace(temporaryFolder(), { "models/configs/tiny.yaml": CONFIG })
  const run = await rigbook(root, ["run"])
  assert.strictEqual(run.exitCode, 0, run.stderr)
  const [folder] = recordFolders(root)
  const record = JSON.parse(readFileSync(join(folder!, "record.json"), "utf8")) as typeof RunRecord.Encoded
  assert.notStrictEqual(record.verdict.status, "invalid")
  const found = { replicas: 2, tensorParallel: 1, dtype: "float32", kvCacheBytes: 2 ** 26 }
  assert.deepInclude(record.effective!.settings, found)
  assert.lengthOf(record.effective!.buffers, 2)
  assert.property(record.effective!.settings, "kvCacheBlocks")
  for (const metric of ["ttft", "tpot", "output_tps", "memory_peak"]) {
    const value = record.values.find((each) => each.metric === metric)
    assert.property(value!.result, "summary", metric)
  }
  const processes = record.observed.processes!
  const workers = processes.filter(({ name }) => /VLLM::Worker/.test(name))
  assert.lengthOf(workers, 2, JSON.stringify(processes))
  // Each has torch and its own KV cache, so none stands for the other.
  for (const { peakRssBytes } of workers) assert.isAbove(peakRssBytes, 300e6)

  const report = await rigbook(root, ["report", "tiny"])
  assert.strictEqual(report.exitCode, 0, report.stderr)
  const page = readFileSync(join(root, report.stdout.trim()), "utf8")
  assert.include(page, "replicas: cpu (2 processes)")
  for (const { name, pid } of processes) assert.include(page, `| ${name} | ${pid} |`)
})
