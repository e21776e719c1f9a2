import {
  CPU,
  Demand,
  type DemandInput,
  type DemandPart,
  type DeviceDemand,
  isBatch,
  isQuality,
  type ModelFacts,
  type PromptSet,
  type Scenario,
} from "@rigbook/core"
import type { Options } from "./Options.ts"

/** Python with ONNX Runtime and tokenizers, resting, without the model: 93 to 110 MiB measured. */
const RUNTIME_BYTES = 112 * 2 ** 20

/** CUDA's context and the libraries' workspace, by process: 0.4 to 0.6 GiB are reported; not measured here. */
const CUDA_BYTES = 512 * 2 ** 20

/**
 * Peaks of MiniLM on the processor for 8 to 32 texts of 64 to 512 tokens: 24 to 825 MiB measured, 28 to 984 by this. The
 * runtime's arena grows in powers of two, so single figures are up to a fifth away.
 */
const HIDDEN_COPIES = 26
const SCORE_COPIES = 7

/** Characters of a token, by no tokenizer: English has 4 to 5, Spanish 3 to 4. */
const CHARACTERS = 3.5

/** Memory of an encoder: weights, activations of the largest batch, and Python itself. */
export const demand = (model: ModelFacts, options: Options, scenario: Scenario, prompts?: PromptSet): Demand =>
  new Demand({ parts: [weights(model), activations(model, options, scenario, prompts), runtime] })

/** On a GPU: weights and activations there, Python and its libraries in host memory. */
export const demandOf = (input: DemandInput<Options>): ReadonlyArray<DeviceDemand> => {
  const { config, model, placement, promptSet, scenario } = input
  const [device] = placement.devices
  const held = [weights(model), activations(model, config, scenario, promptSet)]
  if (device === CPU) return [{ device, parts: [...held, runtime] }]
  return [
    { device, parts: [...held, cuda] },
    {
      device: CPU,
      parts: [{ ...runtime, bytes: CUDA_BYTES, formula: "Python with ONNX Runtime and CUDA's libraries" }],
    },
  ]
}

const weights = (model: ModelFacts): DemandPart =>
  model.bitsPerWeight >= 16
    ? { name: "weights", bytes: model.weightBytes, basis: "exact", formula: "all tensors, as stored" }
    : {
        name: "weights",
        bytes: model.weightBytes + 4 * model.parameters,
        basis: "heuristic",
        formula: `all tensors, as stored, and ${model.parameters} parameters × 4 B: the runtime unpacks them when it loads`,
      }

const activations = (
  model: ModelFacts,
  { maxLength }: Options,
  scenario: Scenario,
  prompts?: PromptSet,
): DemandPart => {
  const { heads, hiddenSize: width } = model
  const most = maxLength ?? model.contextLength
  const name = "activations"
  if (width === undefined || heads === undefined || most === undefined)
    return {
      name,
      bytes: 2 * model.weightBytes,
      basis: "heuristic",
      formula: "twice the weights: the model's files state no width, no heads or no longest text",
    }
  const batch = isBatch(scenario)
    ? Math.min(scenario.batchSize, scenario.documents)
    : isQuality(scenario) && "batchSize" in scenario
      ? scenario.batchSize
      : 1
  const tokens = Math.min(most, longestOf(prompts, scenario))
  return {
    name,
    bytes: 4 * batch * tokens * (HIDDEN_COPIES * width + SCORE_COPIES * heads * tokens),
    basis: "heuristic",
    formula: `4 B × ${batch} texts × ${tokens} tokens × (${HIDDEN_COPIES} × ${width} wide + ${SCORE_COPIES} × ${heads} heads × ${tokens} tokens)`,
  }
}

/** Tokens of the longest text of a call, with the two that enclose it; without limit where texts are not known. */
const longestOf = (set: PromptSet | undefined, scenario: Scenario): number => {
  if (set === undefined) return Infinity
  const used = isBatch(scenario) ? set.prompts.slice(0, scenario.documents) : set.prompts
  const lengths = used.map((prompt) =>
    "text" in prompt ? prompt.text.length : prompt.messages.reduce((sum, { content }) => sum + content.length + 1, 0),
  )
  return Math.ceil(Math.max(0, ...lengths) / CHARACTERS) + 2
}

const runtime: DemandPart = {
  name: "runtime overhead",
  bytes: RUNTIME_BYTES,
  basis: "heuristic",
  formula: "Python with ONNX Runtime and tokenizers: 93 to 110 MiB measured",
}

const cuda: DemandPart = {
  name: "runtime overhead",
  bytes: CUDA_BYTES,
  basis: "heuristic",
  formula: "a CUDA context and its libraries' workspace",
}
