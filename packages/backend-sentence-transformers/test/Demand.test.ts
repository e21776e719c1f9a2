import { assert, describe, it } from "@effect/vitest"
import { CPU, Device, DeviceId, Host, ModelFacts, Placement, type PromptSet } from "@rigbook/core"
import { demand, demandOf } from "../src/Demand.ts"
import type { Options } from "../src/Options.ts"

const MINILM = {
  format: "safetensors",
  architecture: "bert",
  parameters: 22_713_216,
  quantization: "F32",
  bitsPerWeight: 32.0014,
  weightBytes: 90_856_960,
  fileBytes: 90_868_376,
  chatTemplate: false,
  sha256: "0",
} as const
const miniLm = new ModelFacts({ ...MINILM, contextLength: 256, hiddenSize: 384 })
const auto: Options = { dtype: "auto", normalize: false, trustRemoteCode: false }
const batch = { kind: "batch", prompts: "plain-text", documents: 512, batchSize: 512 } as const

describe("demand", () => {
  it("is what all tensors weigh, as long as they stay as they are", () => {
    const [weights] = demand(miniLm, auto, batch).parts
    assert.deepInclude(weights, { name: "weights", bytes: 90_856_960, basis: "exact" })
  })

  it("follows the dtype that is requested", () => {
    const [weights, activations] = demand(miniLm, { ...auto, dtype: "float16" }, batch).parts
    assert.strictEqual(weights!.bytes, 2 * 22_713_216)
    assert.strictEqual(activations!.bytes, 11 * 512 * 256 * 384 * 2)
  })

  it("comes within 1 % of the activations measured for 512 texts of 256 tokens", () => {
    // Peak less resting size of the worker on a CPU, torch 2.13: 2,836,152,320 - 619,675,648 bytes.
    const { bytes, formula } = demand(miniLm, auto, batch).parts[1]!
    assert.approximately(bytes / 2_216_476_672, 1, 0.01)
    assert.strictEqual(formula, "11 × 512 texts × 256 tokens × 384 wide × 4 B")
  })

  it("counts no more texts than there are, and no longer ones than the config lets through", () => {
    const activations = demand(miniLm, { ...auto, maxLength: 64 }, { ...batch, documents: 8 }).parts[1]!
    assert.strictEqual(activations.bytes, 11 * 8 * 64 * 384 * 4)
  })

  it("says so when the files don't give the width", () => {
    const activations = demand(new ModelFacts(MINILM), auto, batch).parts[1]!
    assert.deepInclude(activations, { basis: "heuristic", bytes: 90_856_960 })
  })
})

describe("demandOf", () => {
  const set = (...texts: ReadonlyArray<string>): PromptSet => ({
    name: "p",
    license: "CC0-1.0",
    sha256: "0",
    prompts: texts.map((text, index) => ({ id: String(index), text })),
  })
  const on = (device: DeviceId, more: Partial<Parameters<typeof demandOf>[0]> = {}) =>
    demandOf({
      model: miniLm,
      config: auto,
      scenario: batch,
      placement: new Placement({ strategy: "single", devices: [device] }),
      host: new Host({
        fingerprint: "f",
        cpu: { model: "CPU", logicalCores: 2 },
        memoryBytes: 2 ** 34,
        os: "OS",
        kernel: "K",
        devices: [new Device({ id: CPU, kind: "cpu", name: "CPU" })],
      }),
      ...more,
    })
  const placed = (device: DeviceId) => on(device).map(({ device: id, parts }) => [id, ...parts.map(({ name }) => name)])
  const gpu = DeviceId.make("GPU-1")

  it("has all in host memory on the processor, and Python alone beside a GPU", () => {
    assert.deepStrictEqual(placed(CPU), [[CPU, "weights", "activations", "kept by the allocator", "runtime overhead"]])
    assert.deepStrictEqual(placed(gpu), [
      [gpu, "weights", "activations", "runtime overhead"],
      [CPU, "runtime overhead"],
    ])
  })

  const part = (name: string, device: DeviceId, more: Partial<Parameters<typeof demandOf>[0]>) =>
    on(device, more)[0]!.parts.find((each) => each.name === name)!

  it("is by the longest of the texts that are known, the worst case beside it", () => {
    const activations = part("activations", gpu, { promptSet: set("a".repeat(35), "b".repeat(70)) })
    assert.strictEqual(activations.bytes, 11 * 512 * (70 / 3.5 + 2) * 384 * 4)
    assert.strictEqual(activations.basis, "heuristic")
    assert.deepStrictEqual(activations.notes, ["activations take 2112 MiB where 512 texts have 256 tokens each"])
    // One that the call does not reach, and one that is cut.
    const short = { ...batch, documents: 1, batchSize: 1 }
    const texts = set("a".repeat(35), "b".repeat(7000))
    assert.strictEqual(part("activations", gpu, { promptSet: texts, scenario: short }).bytes, 11 * 12 * 384 * 4)
    assert.strictEqual(part("activations", gpu, { promptSet: texts }).bytes, 11 * 512 * 256 * 384 * 4)
  })

  it("has of tables on the processor the pages that are touched, and on a GPU all", () => {
    const input = 40 * 2 ** 20
    const model = new ModelFacts({
      ...MINILM,
      contextLength: 256,
      hiddenSize: 384,
      tensorBytes: { input, layers: [miniLm.weightBytes - input], output: 0, tied: true },
    })
    const promptSet = set("one two, one")
    const words = 3
    const { bytes, notes } = part("weights", CPU, { model, promptSet })
    assert.strictEqual(bytes, miniLm.weightBytes - input + words * 2 * 64 * 2 ** 10)
    assert.lengthOf(notes!, 1)
    assert.strictEqual(part("weights", gpu, { model, promptSet }).bytes, miniLm.weightBytes)
    assert.strictEqual(part("weights", CPU, { model }).bytes, miniLm.weightBytes)
  })
})
