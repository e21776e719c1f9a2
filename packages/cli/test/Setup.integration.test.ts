import { assert, describe, it } from "@effect/vitest"
import { join } from "node:path"
import { rigbook, sampleConfig, sampleModel, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

it("run --setup installs an engine that is missing, and run alone says how to", async () => {
  const config = `${sampleModel("smollm2-135m-instruct")}backends:
  llamacpp: { context: 512, threads: 1 }
scenarios:
  - { kind: latency, prompts: brief, requests: 1, outputTokens: 2 }
protocol: { warmup: 0, trials: 1 }
`
  const root = writeWorkspace(temporaryFolder(), { "models/configs/smollm2.yaml": config })
  const empty = { RIGBOOK_CACHE: join(root, "cache") }
  const without = await rigbook(root, ["run"], empty)
  assert.strictEqual(without.exitCode, 2)
  assert.include(without.stderr, "rigbook setup llamacpp")
  const { exitCode, stderr, stdout } = await rigbook(root, ["run", "--setup"], empty)
  assert.strictEqual(exitCode, 0, stderr)
  assert.include(stdout, "too-few-trials")
})

it("in a workspace, doctor and setup care for the engines of its configs only", async () => {
  const config = sampleConfig("smollm2-135m-instruct")
  const root = writeWorkspace(temporaryFolder(), { "models/configs/smollm2.yaml": config })
  const doctor = await rigbook(root, ["doctor", "--json"])
  assert.strictEqual(doctor.exitCode, 0, doctor.stderr)
  const { engines } = JSON.parse(doctor.stdout) as { engines: Array<{ backend: string; used: boolean }> }
  const used = engines.filter((engine) => engine.used).map(({ backend }) => backend)
  assert.deepStrictEqual(used, ["llamacpp"])
  const setup = await rigbook(root, ["setup", "--json"])
  assert.strictEqual(setup.exitCode, 0, setup.stderr)
  const done = JSON.parse(setup.stdout) as Array<{ backend: string }>
  assert.deepStrictEqual(
    done.map(({ backend }) => backend),
    ["llamacpp"],
  )
})

describe("what needs no workspace", () => {
  it("doctor shows every engine, and fails for one that is missing", async () => {
    const { exitCode, stdout } = await rigbook(temporaryFolder(), ["doctor", "--json"])
    const { engines } = JSON.parse(stdout) as { engines: Array<{ backend: string; ok: boolean; used: boolean }> }
    assert.deepStrictEqual(
      engines.map(({ backend, used }) => [backend, used]),
      [
        ["llamacpp", true],
        ["onnxruntime", true],
        ["openai", false], // whose server only a config names
        ["sentence-transformers", true],
        ["vllm", true],
      ],
    )
    assert.isTrue(engines[0]!.ok && engines[1]!.ok && engines[3]!.ok)
    assert.strictEqual(exitCode, engines[4]!.ok ? 0 : 1) // vLLM is set up by the tests of its own package
  })

  it("schema prints the schema of every kind of file", async () => {
    const names = (await rigbook(temporaryFolder(), ["schema"])).stdout.split("\n").map((line) => line.split(" ")[0]!)
    assert.isAtLeast(names.length, 5)
    for (const name of names) {
      const { stdout } = await rigbook(temporaryFolder(), ["schema", name])
      assert.property(JSON.parse(stdout), "$schema")
    }
  })
})
