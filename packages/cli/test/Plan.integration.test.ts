import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { assert, beforeAll, describe, it } from "vitest"
import { rigbook, sampleConfig, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const MIB = 2 ** 20
const HOSTS = join(import.meta.dirname, "../../../benchmarks/configs/hosts")

/** Shapes by the configs that they are taken from. */
const SHAPES = {
  "8b": "llama-3.1-8b-f16",
  "70b": "llama-3.1-70b-q4_k_m-8k",
  mixtral: "mixtral-8x7b-q4_k_m",
  qwen: "qwen2.5-72b-q4_k_m",
} as const

interface Row {
  readonly shape: keyof typeof SHAPES
  readonly quantization: string
  readonly context: number
  /** What llama-fit-params of build 11434 prints: MiB of weights, KV cache and compute together, by device. */
  readonly mib: ReadonlyArray<number>
}
const row = (shape: Row["shape"], quantization: string, context: number, ...mib: ReadonlyArray<number>): Row => ({
  shape,
  quantization,
  context,
  mib,
})
const [C8, C32] = [8192, 32_768]

/** On one device and on two, split evenly by layers. */
const ROWS = [
  row("8b", "F16", C8, 15_629),
  row("8b", "F16", C32, 18_725),
  row("8b", "Q8_0", C8, 8919),
  row("8b", "Q8_0", C32, 12_015),
  row("70b", "Q4_K_M", C8, 42_861),
  row("70b", "Q4_K_M", C32, 50_565),
  row("70b", "Q4_K_M", C8, 21_806, 21_614),
  row("70b", "Q4_K_M", C32, 25_838, 25_454),
  row("70b", "Q5_K_M", C8, 49_821),
  row("70b", "Q5_K_M", C32, 57_525),
  row("70b", "Q5_K_M", C8, 25_387, 24_993),
  row("70b", "Q5_K_M", C32, 29_419, 28_833),
  row("mixtral", "Q5_K_M", C8, 32_835),
  row("mixtral", "Q5_K_M", C32, 35_931),
  row("mixtral", "Q5_K_M", C8, 17_577, 15_666),
  row("mixtral", "Q5_K_M", C32, 19_305, 17_202),
  row("mixtral", "Q4_K_M", C8, 28_291),
  row("mixtral", "Q4_K_M", C32, 31_387),
  row("mixtral", "Q4_K_M", C8, 15_135, 13_564),
  row("mixtral", "Q4_K_M", C32, 16_863, 15_100),
  row("qwen", "Q4_K_M", C8, 47_474),
  row("qwen", "Q4_K_M", C32, 55_178),
  row("qwen", "Q4_K_M", C8, 24_059, 23_980),
  row("qwen", "Q4_K_M", C32, 28_091, 27_820),
]

const nameOf = ({ context, mib, quantization, shape }: Row): string =>
  `${shape}-${quantization}-${context / 1024}k-${mib.length}`

const configOf = ({ context, mib, quantization, shape }: Row): string => {
  const source = /^source:[^]*?(?=^backends:)/m.exec(sampleConfig(SHAPES[shape]))![0]
  return `name: ${shape}
task: generate
${source.replace(/quantization: \w+/, `quantization: ${quantization}`)}backends:
  llamacpp: { context: ${context}, flashAttention: "on" }
placement: ${mib.length === 1 ? "cuda:0" : '{ strategy: layer, devices: ["cuda:0", "cuda:1"], split: [1, 1] }'}
scenarios: [{ kind: latency, prompts: short-chat, requests: 1, outputTokens: 4 }]
`
}

interface Planned {
  readonly cells: ReadonlyArray<{
    readonly config: { readonly id: string }
    readonly placement: { readonly strategy: string; readonly devices: ReadonlyArray<string> } | null
    readonly demand: ReadonlyArray<{
      readonly device: string
      readonly parts: ReadonlyArray<{ readonly name: string; readonly bytes: number; readonly formula: string }>
    }>
    readonly demandSource: { readonly absent?: string }
    readonly refused: ReadonlyArray<{ readonly strategy: string; readonly reason: string }>
  }>
}

/** The models that this repository plans, and what comes of each. */
const PLANNED: Readonly<Record<string, readonly [strategy: string, ...mib: ReadonlyArray<number>]>> = {
  "llama-3.1-8b-f16": ["single", 15_629],
  "llama-3.1-8b-q8_0": ["single", 8919],
  "llama-3.1-70b-q4_k_m-8k": ["layer", 21_806, 21_614],
  "llama-3.1-70b-q4_k_m-32k": ["layer", 25_838, 25_454],
  "mixtral-8x7b-q4_k_m": ["single", 28_291],
  "mixtral-8x7b-q5_k_m": ["layer", 17_577, 15_666],
  "qwen2.5-72b-q4_k_m": ["layer", 24_059, 23_980],
}

describe("rigbook plan --host", () => {
  const root = writeWorkspace(temporaryFolder(), {
    ...Object.fromEntries(ROWS.map((each) => [`models/configs/${nameOf(each)}.yaml`, configOf(each)])),
    ...Object.fromEntries(Object.keys(PLANNED).map((id) => [`models/configs/${id}.yaml`, sampleConfig(id)])),
    ...Object.fromEntries(
      ["dual-rtx-5090", "h200"].map((name) => [
        `benchmarks/configs/hosts/${name}.yaml`,
        readFileSync(join(HOSTS, `${name}.yaml`), "utf8"),
      ]),
    ),
  })
  const cache = temporaryFolder()
  const plan = async (host: string, configs: ReadonlyArray<string>) => {
    const args = ["plan", ...configs, "--host", host, "--json"]
    const { stderr, stdout } = await rigbook(root, args, { RIGBOOK_CACHE: cache })
    assert.isTrue(stdout.startsWith("{"), stderr)
    return (JSON.parse(stdout) as Planned).cells
  }
  const figures = ({ demand }: Planned["cells"][number]): ReadonlyArray<number> =>
    demand
      .filter(({ device }) => device !== "cpu")
      .map(
        ({ parts }) =>
          parts
            .filter(({ name }) => ["weights", "KV cache", "compute", "compute reserve"].includes(name))
            .reduce((sum, { bytes }) => sum + bytes, 0) / MIB,
      )
  const agree = (found: Planned["cells"][number], mib: ReadonlyArray<number>): void => {
    const devices = figures(found)
    assert.lengthOf(devices, mib.length)
    for (const [index, figure] of mib.entries())
      assert.closeTo(devices[index]! / figure, 1, mib.length === 1 ? 0.01 : 0.03, `${found.config.id}, device ${index}`)
  }
  const cellOf = (cells: Planned["cells"], id: string) => cells.find(({ config }) => config.id === id)!

  let onOne: Planned["cells"] = []
  let onTwo: Planned["cells"] = []
  let planned: Planned["cells"] = []
  beforeAll(async () => {
    // 70B does not fit on one RTX 5090: its figures on one device are requested where it does.
    onOne = await plan("h200", ROWS.filter(({ mib }) => mib.length === 1).map(nameOf))
    onTwo = await plan("dual-rtx-5090", ROWS.filter(({ mib }) => mib.length === 2).map(nameOf))
    planned = await plan("dual-rtx-5090", Object.keys(PLANNED))
  })

  for (const each of ROWS)
    it(`comes to the fit tool's figures for ${nameOf(each)}`, () => {
      const found = cellOf(each.mib.length === 1 ? onOne : onTwo, nameOf(each))
      agree(found, each.mib)
      assert.strictEqual(found.demandSource.absent, "not checked on a host that is only described")
    })

  for (const [id, [strategy, ...mib]] of Object.entries(PLANNED))
    it(`places ${id} by strategy ${strategy}`, () => {
      const found = cellOf(planned, id)
      assert.strictEqual(found.placement?.strategy, strategy)
      agree(found, mib)
      for (const { parts } of found.demand) for (const { formula } of parts) assert.isNotEmpty(formula)
    })

  it("refuses Mixtral in 5 bits on one GPU by the MiB that are missing, and puts 70B at 32K on both", () => {
    const mixtral = cellOf(planned, "mixtral-8x7b-q5_k_m")
    assert.deepInclude(mixtral.refused, {
      strategy: "single",
      reason: "needs 33.07 GiB, NVIDIA GeForce RTX 5090 has 30.85 GiB free: 2.22 GiB too little",
    })
    assert.lengthOf(cellOf(planned, "llama-3.1-70b-q4_k_m-32k").placement!.devices, 2)
  })

  it("needs headers alone: no weights are made, and no engine is installed", () => {
    const made = readdirSync(cache, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    assert.isNotEmpty(made)
    // As long as the model's file would be, and empty behind the header.
    for (const { name, parentPath } of made) {
      const { blocks, size } = statSync(join(parentPath, name))
      assert.isBelow(512 * blocks, size / 1000, join(parentPath, name))
    }
    assert.deepStrictEqual(readdirSync(cache), ["models"])
  })
})
