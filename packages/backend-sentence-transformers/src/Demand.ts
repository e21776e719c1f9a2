import {
  CPU,
  Demand,
  type DemandInput,
  isBatch,
  type DemandPart,
  type DeviceDemand,
  type ModelFacts,
  type Scenario,
} from "@rigbook/core"
import type { Options } from "./Options.ts"

/** Resident bytes of a working Python with torch and transformers, without the model: 415 to 490 MiB measured. */
const RUNTIME_BYTES = 512 * 2 ** 20

/** CUDA's context and cuBLAS's workspace, by process: 0.4 to 0.6 GiB are reported; not measured here. */
const CUDA_BYTES = 512 * 2 ** 20

/** Activations of an encoder with SDPA peak at 11.0 to 11.2 × batch × tokens × width, measured for 64 to 512 tokens. */
const ACTIVATION_FACTOR = 11

const BYTES = { float32: 4, float16: 2, bfloat16: 2 } as const

/** Memory of an encoder: weights, activations of the largest batch with all texts at the longest, and Python itself. */
export const demand = (model: ModelFacts, options: Options, scenario: Scenario): Demand =>
  new Demand({ parts: [weights(model, options), activations(model, options, scenario), runtime] })

/**
 * On a GPU: weights and activations there, Python in host memory. Each replica takes the same again, in its own
 * process, beside the process that distributes texts, which keeps its own copy of the model.
 */
export const demandOf = ({ config, model, placement, scenario }: DemandInput<Options>): ReadonlyArray<DeviceDemand> => {
  const held = [weights(model, config), activations(model, config, scenario)]
  const { degree = 1, devices } = placement
  const beside = placement.strategy === "replicas" ? [weights(model, config), runtime] : []
  if (devices[0] === CPU) {
    const copies = [...held, runtime].map((part) => times(part, degree))
    return [{ device: CPU, parts: [...copies, ...beside] }]
  }
  return [
    ...devices.map((device) => ({ device, parts: [...held, cuda] })),
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

const activations = (model: ModelFacts, { dtype, maxLength }: Options, scenario: Scenario): DemandPart => {
  const name = "activations"
  const width = model.hiddenSize
  const tokens = maxLength ?? model.contextLength
  if (width === undefined || tokens === undefined)
    return {
      name,
      bytes: model.weightBytes,
      basis: "heuristic",
      formula: "as much as the weights: the model's files state no width or no longest text",
    }
  const batch = isBatch(scenario) ? Math.min(scenario.batchSize, scenario.documents) : 1
  const bytes = dtype === "auto" ? Math.min(4, Math.ceil(model.bitsPerWeight / 8)) : BYTES[dtype]
  return {
    name,
    bytes: ACTIVATION_FACTOR * batch * tokens * width * bytes,
    basis: "formula",
    formula: `${ACTIVATION_FACTOR} × ${batch} texts × ${tokens} tokens × ${width} wide × ${bytes} B`,
  }
}

const runtime: DemandPart = {
  name: "runtime overhead",
  bytes: RUNTIME_BYTES,
  basis: "heuristic",
  formula: "Python with torch and transformers",
}

const cuda: DemandPart = {
  name: "runtime overhead",
  bytes: CUDA_BYTES,
  basis: "heuristic",
  formula: "a CUDA context and its libraries' workspace",
}
