import { assert, describe, it } from "@effect/vitest"
import { ModelConfig, rungsOf, scenarioName, scenarioTask } from "@rigbook/core"
import { parseConfigFile } from "@rigbook/records"
import { Schema } from "effect"
import { type ConfigVariant, variantsOf } from "../../records/src/workspace/Variants.ts"
import { type ConfigContent, configName, configText, modelName, STANDARD_PROMPTS } from "../src/handlers/ConfigText.ts"

const content: ConfigContent = {
  name: "Small-8B.Q4_K_M",
  task: "generate",
  model: { quantization: "Q4_K_M", contextLength: 8192 },
  path: "../../weights/Small-8B.Q4_K_M.gguf",
  sha256: "0123456789abcdef".repeat(4),
  backends: ["llamacpp"],
  schema: "../../benchmarks/configs/schemas/model-config.json",
}
const decode = Schema.decodeUnknownSync(ModelConfig)
const configsOfText = (text: string) => variantsOf(parseConfigFile(text, "a.yaml"), "a") as readonly [ConfigVariant]
const configOf = (change: Partial<ConfigContent>) => {
  const [{ file }] = configsOfText(configText({ ...content, ...change }))
  assert.deepStrictEqual(file.syntax, [])
  return decode(file.value)
}
const namesOf = (change: Partial<ConfigContent>) =>
  configOf(change).scenarios.flatMap((ladder) => rungsOf(ladder).map(scenarioName))

describe("the config of a model's files", () => {
  it("names file, hash, task, backends and the standard scenarios", () => {
    const { backends, family, name, source, task } = configOf({ backends: ["llamacpp", "vllm"] })
    assert.deepStrictEqual(
      { backends, family, name, source, task },
      {
        backends: { llamacpp: {}, vllm: {} },
        family: "Small-8B",
        name: content.name,
        source: { path: content.path, sha256: content.sha256 },
        task: "generate",
      },
    )
    assert.deepStrictEqual(namesOf({}), [
      "latency-short-chat-1x32",
      "context-2000-1x16",
      "context-10000-1x16",
      "context-90000-1x16",
      "latency-short-chat-1x256",
    ])
    assert.strictEqual(
      configText(content).split("\n")[0],
      "# yaml-language-server: $schema=../../benchmarks/configs/schemas/model-config.json",
    )
  })

  it("has a ladder of batches for an embedding model", () => {
    assert.deepStrictEqual(namesOf({ task: "embed" }), [
      "batch-documents-en-32x1",
      "batch-documents-en-32x8",
      "batch-documents-en-32x32",
    ])
  })

  it.each(["generate", "embed"] as const)("has scenarios of its task and reads one prompt set: %s", (task) => {
    for (const scenario of configOf({ task }).scenarios) {
      assert.strictEqual(scenarioTask(scenario), task)
      if ("prompts" in scenario) assert.strictEqual(scenario.prompts, STANDARD_PROMPTS[task])
    }
  })

  it("goes into a short context", () => {
    assert.deepStrictEqual(namesOf({ model: { quantization: "F16", contextLength: 256 } }), [
      "latency-short-chat-1x32",
      "context-128-1x16",
    ])
  })

  it("keeps any name and path as they are", () => {
    for (const odd of ['a: "b" # c', "null", "- x", "{{", "é\\n", "line\nbreak", "true"]) {
      const { name, source } = configOf({ name: odd, path: `/x/${odd}` })
      assert.deepStrictEqual([name, source], [odd, { path: `/x/${odd}`, sha256: content.sha256 }])
    }
  })

  it.each([
    ["Small-8B-Q4_K_M", "Q4_K_M", "Small-8B"],
    ["small-8b-q4_k_m", "Q4_K_M", "small-8b"],
    ["Small-8B", "Q4_K_M", undefined],
    ["SmallQ4_K_M", "Q4_K_M", undefined],
    ["-F16", "F16", undefined],
    ["F16", "F16", undefined],
  ])("finds the family of %s in %s", (name, quantization, family) => {
    assert.strictEqual(configOf({ name, model: { quantization } }).family, family)
  })
})

describe("the name of a config", () => {
  it.each([
    ["SmolLM2-135M-Instruct.Q4_1.gguf", "smollm2-135m-instruct.q4_1"],
    ["Big-00001-of-00003.gguf", "big"],
    ["My Model (new).GGUF", "my-model-new"],
    ["..", "model"],
    ["../../etc/passwd", "etc-passwd"],
    [".hidden", "hidden"],
    ["модель", "model"],
    ["folder.yaml", "folder"],
    [".gguf", "model"],
  ])("of %s is %s", (file, name) => {
    assert.strictEqual(configName(modelName(file)), name)
  })
})
