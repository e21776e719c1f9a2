import {
  CPU,
  Demand,
  type DemandInput,
  isBatch,
  isQuality,
  type DemandPart,
  type DeviceDemand,
  type ModelFacts,
  type PromptSet,
  type Scenario,
} from "@rigbook/core"
import type { Options } from "./Options.ts"
import { longestOf, textsOf, wordsOf } from "./Texts.ts"

/** Resident bytes of a working Python with torch and transformers, without the model: 415 to 490 MiB measured. */
const RUNTIME_BYTES = 512 * 2 ** 20

/** CUDA's context and cuBLAS's workspace, by process: 0.4 to 0.6 GiB are reported; not measured here. */
const CUDA_BYTES = 512 * 2 ** 20

/** Activations of an encoder with SDPA peak at 11.0 to 11.2 × batch × tokens × width, measured for 64 to 512 tokens. */
const ACTIVATION_FACTOR = 11

const BYTES = { float32: 4, float16: 2, bfloat16: 2 } as const

/** Memory of an encoder: weights, activations of the largest batch, and Python itself. */
export const demand = (model: ModelFacts, options: Options, scenario: Scenario, prompts?: PromptSet): Demand =>
  new Demand({ parts: [weights(model, options), activations(model, options, scenario, prompts), runtime] })

/**
 * On a GPU: weights and activations there, Python in host memory. Each replica takes the same again, in its own
 * process, beside the process that distributes texts, which keeps its own copy of the model.
 */
export const demandOf = (input: DemandInput<Options>): ReadonlyArray<DeviceDemand> => {
  const { config, model, placement, promptSet, scenario } = input
  const active = activations(model, config, scenario, promptSet)
  const { degree = 1, devices } = placement
  const beside = placement.strategy === "replicas" ? [weights(model, config), runtime] : []
  if (devices[0] === CPU) {
    const held = [touched(input), active, ...kept(active), python]
    return [{ device: CPU, parts: [...held.map((part) => times(part, degree)), ...beside] }]
  }
  return [
    ...devices.map((device) => ({ device, parts: [weights(model, config), active, cuda] })),
    { device: CPU, parts: [times(runtime, devices.length), ...beside] },
  ]
}

const times = (part: DemandPart, copies: number): DemandPart =>
  copies === 1 ? part : { ...part, bytes: part.bytes * copies, formula: `${copies} copies of ${part.formula}` }

const weights = (model: ModelFacts, { dtype }: Options): DemandPart =>
  dtype === "auto"
    ? { name: "weights", bytes: model.weightBytes, basis: "exact", formula: "all tensors, as stored" }
    : {
        name: "weights",
        bytes: model.parameters * BYTES[dtype],
        basis: "formula",
        formula: `${model.parameters} parameters × ${BYTES[dtype]} B (${dtype})`,
      }

/** Of tables that texts are looked up in, the pages that they touch are in memory: a word's two pieces, so much around each. */
const touched = ({ config, model, promptSet, scenario }: DemandInput<Options>): DemandPart => {
  const whole = weights(model, config)
  const tables = model.tensorBytes?.input ?? 0
  const words = promptSet === undefined ? undefined : wordsOf(textsOf(promptSet, scenario))
  const pages = (words ?? Infinity) * 2 * AROUND
  if (words === undefined || config.dtype !== "auto" || pages >= tables) return whole
  return {
    ...whole,
    bytes: whole.bytes - tables + pages,
    basis: "heuristic",
    formula: `all tensors, as stored, but of tables the pages that ${words} words touch: ${mib(pages)} of ${mib(tables)} MiB`,
    notes: [`all weights take ${mib(whole.bytes)} MiB, once every token was looked up`],
  }
}

/** What Linux reads of a file around a page that is missing (`fault_around_bytes`). */
const AROUND = 64 * 2 ** 10

const activations = (
  model: ModelFacts,
  { dtype, maxLength }: Options,
  scenario: Scenario,
  prompts: PromptSet | undefined,
): DemandPart => {
  const name = "activations"
  const width = model.hiddenSize
  const most = maxLength ?? model.contextLength
  if (width === undefined || most === undefined)
    return {
      name,
      bytes: model.weightBytes,
      basis: "heuristic",
      formula: "as much as the weights: the model's files state no width or no longest text",
    }
  const batch = isBatch(scenario)
    ? Math.min(scenario.batchSize, scenario.documents)
    : isQuality(scenario) && "batchSize" in scenario
      ? scenario.batchSize
      : 1
  const size = dtype === "auto" ? Math.min(4, Math.ceil(model.bitsPerWeight / 8)) : BYTES[dtype]
  const bytesOf = (tokens: number) => ACTIVATION_FACTOR * batch * tokens * width * size
  const formula = (tokens: number) =>
    `${ACTIVATION_FACTOR} × ${batch} texts × ${tokens} tokens × ${width} wide × ${size} B`
  const longest = prompts === undefined ? most : Math.min(most, longestOf(textsOf(prompts, scenario)))
  if (longest === most) return { name, bytes: bytesOf(most), basis: "formula", formula: formula(most) }
  return {
    name,
    bytes: bytesOf(longest),
    basis: "heuristic",
    formula: `${formula(longest)}, by the longest of these texts`,
    notes: [`activations take ${mib(bytesOf(most))} MiB where ${batch} texts have ${most} tokens each`],
  }
}

/** What the allocator keeps of activations that are no longer needed: 8 / 11 of them for few texts, 94 MiB for many, measured. */
const kept = ({ bytes }: DemandPart): ReadonlyArray<DemandPart> => [
  {
    name: "kept by the allocator",
    bytes: Math.min(Math.round((8 / ACTIVATION_FACTOR) * bytes), 256 * 2 ** 20),
    basis: "heuristic",
    formula: "8 / 11 of the activations, at most 256 MiB",
  },
]

const runtime: DemandPart = {
  name: "runtime overhead",
  bytes: RUNTIME_BYTES,
  basis: "heuristic",
  formula: "Python with torch and transformers",
}

/** Where it is all that holds the model. */
const python: DemandPart = { ...runtime, bytes: 448 * 2 ** 20, formula: `${runtime.formula}: 415 to 490 MiB measured` }

const cuda: DemandPart = {
  name: "runtime overhead",
  bytes: CUDA_BYTES,
  basis: "heuristic",
  formula: "a CUDA context and its libraries' workspace",
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
