import { assert, it } from "@effect/vitest"
import type { RunRecord } from "@rigbook/core"
import { execa } from "execa"
import { readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { recordFolders, rigbook, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const TINY_MODEL = join(import.meta.dirname, "../../backend-vllm/test/tiny_model.py")

const CONFIG = `name: Tiny Llama of random weights
task: generate
source: { path: ../tiny }
backends:
  vllm: { dtype: float32, enforceEager: true, kvCacheBytes: 67108864, maxSequences: 8, maxModelLen: 512 }
placement: { strategy: tensor, devices: [cpu], degree: 2 }
scenarios:
  - { kind: latency, prompts: short-chat, requests: 1, outputTokens: 32 }
protocol: { warmup: 1, trials: 5 }
`

it("a config splits a model between two processes of vLLM, and the report shows the memory of both", async () => {
  const setup = await rigbook(tmpdir(), ["setup", "vllm", "--json"])
  assert.strictEqual(setup.exitCode, 0, setup.stderr)
  const [{ runtime }] = JSON.parse(setup.stdout) as [{ runtime: { path: string } }]
  const root = writeWorkspace(temporaryFolder(), { "models/configs/tiny.yaml": CONFIG })
  await execa(join(dirname(runtime.path), "python"), [TINY_MODEL, join(root, "models/tiny")])
  const run = await rigbook(root, ["run"])
  assert.strictEqual(run.exitCode, 0, run.stderr)
  const [folder] = recordFolders(root)
  const record = JSON.parse(readFileSync(join(folder!, "record.json"), "utf8")) as typeof RunRecord.Encoded
  assert.notStrictEqual(record.verdict.status, "invalid")
  assert.deepInclude(record.effective!.settings, { tensorParallel: 2, dtype: "float32", kvCacheBytes: 2 ** 26 })
  assert.property(record.effective!.settings, "kvCacheBlocks")
  for (const metric of ["ttft", "tpot", "output_tps", "memory_peak"]) {
    const value = record.values.find((each) => each.metric === metric)
    assert.property(value!.result, "summary", metric)
  }
  const processes = record.observed.processes!
  const names = processes.map(({ name }) => name)
  assert.includeMembers(names, ["VLLM::Worker_TP0", "VLLM::Worker_TP1"])
  // Each has torch and its own KV cache, so none stands for the other.
  for (const { name, peakRssBytes } of processes) if (/Worker/.test(name)) assert.isAbove(peakRssBytes, 300e6)

  const report = await rigbook(root, ["report", "tiny"])
  assert.strictEqual(report.exitCode, 0, report.stderr)
  const page = readFileSync(join(root, report.stdout.trim()), "utf8")
  assert.include(page, "tensor: cpu (2 processes)")
  for (const { name, pid } of processes) assert.include(page, `| ${name} | ${pid} |`)
})
