import type { DemandPart, ModelFacts, Task } from "@rigbook/core"
import { cellsOf, passOf } from "./Cells.ts"
import { isEncoder } from "./KvCache.ts"
import type { Options } from "./Options.ts"

/** What a device does of the model's graph: all of it, some layers, or the beginning or end of a chain of devices. */
export type Role = "processor" | "single" | "some layers" | "first" | "last" | "host" | "host of a chain"

/**
 * Hidden states of a whole forward pass that lie side by side at the graph's widest point, and copies of its inputs.
 * Devices that hold all layers one after the other work on four batches at once (`GGML_SCHED_MAX_COPIES`). Fitted to
 * what builds 10068 (processor) and 11434 (devices) print for Llama, Mixtral, Qwen2, Gemma 3 and SmolLM2: to 1 MiB, and
 * to 2 % for chains. On the processor build 11434 keeps one state more.
 */
const ROLES: Readonly<Record<Role, { readonly states: number; readonly copies: number; readonly layers: boolean }>> = {
  processor: { states: 4, copies: 1, layers: true },
  single: { states: 4, copies: 1, layers: true },
  "some layers": { states: 2, copies: 1, layers: true },
  first: { states: 16, copies: 4, layers: true },
  last: { states: 7, copies: 4, layers: true },
  host: { states: 4, copies: 1, layers: false },
  "host of a chain": { states: 10, copies: 4, layers: false },
}

export interface ComputeInput {
  readonly model: ModelFacts
  readonly options: Options
  readonly task: Task
  readonly role: Role
}

/** Compute buffers of a device: as llama-server has them, which keeps the scores of one token a slot. */
export const compute = (input: ComputeInput): ReadonlyArray<DemandPart> => {
  const { model, options, role, task } = input
  const { hiddenSize } = model
  if (hiddenSize === undefined) return []
  if (isEncoder(model)) return encoder(model, passOf(model, options, task))
  const { bytes, formula } = graph(input, options.parallel)
  const basis = model.feedForward === undefined ? ("heuristic" as const) : ("formula" as const)
  const part: DemandPart = { name: "compute", bytes, basis, formula, buffer: "compute" }
  const { bytes: whole } = graph(input, passOf(model, options, task))
  // Scores are made where the last layer is.
  if (whole === bytes || (role !== "single" && role !== "last")) return [part]
  return [
    part,
    {
      name: "compute reserve",
      bytes: whole - bytes,
      basis: "formula",
      formula: `scores of ${passOf(model, options, task)} tokens × vocabulary ${model.vocabulary ?? 0} × 4 B, less what fits into compute: older builds and llama-fit-params make room for those of a whole forward pass`,
    },
  ]
}

/** Bytes of compute as llama-fit-params counts them: with the scores of all tokens of a forward pass, where they are made. */
export const wholeCompute = (input: ComputeInput, makesScores: boolean): number => {
  const { model, options, task } = input
  if (model.hiddenSize === undefined) return 0
  if (isEncoder(model)) return encoder(model, passOf(model, options, task)).reduce((sum, { bytes }) => sum + bytes, 0)
  return graph(input, makesScores ? passOf(model, options, task) : options.parallel).bytes
}

const graph = ({ model, options, role, task }: ComputeInput, outputs: number) => {
  const { heads = 0, hiddenSize = 0, keyLength = 0, kvHeads = 0, valueLength = 0, vocabulary = 0 } = model
  const { copies, layers, states: usual } = ROLES[role]
  const ubatch = passOf(model, options, task)
  const cells = cellsOf(model, options)
  // One state fewer is copied where keys and values are quantized as they are stored.
  const states = role === "first" && options.kvCache.startsWith("q") ? usual - 1 : usual
  const fused = options.flashAttention !== "off"
  const mask = copies * (fused ? 2 : 4) * ubatch * (cells.context + cells.window)
  const masks = `${copies === 1 ? "" : `${copies} copies × `}${fused ? 2 : 4} B × ubatch ${ubatch} × cells ${cells.context + cells.window}`
  if (!layers)
    return {
      bytes: 4 * ubatch * states * hiddenSize + mask,
      formula: `4 B × ubatch ${ubatch} × ${states} × hidden size ${hiddenSize} + ${masks}`,
    }
  const width = feedForward(model)
  const chain = role === "last" ? 4 * outputs * hiddenSize : 0
  const peaks: Array<readonly [values: number, formula: string]> = [
    [
      ubatch * (width.values + states * hiddenSize) + chain,
      `ubatch ${ubatch} × (${width.formula} + ${states} × hidden size ${hiddenSize})`,
    ],
    [
      outputs * vocabulary + (role === "last" ? outputs * 9 : ubatch * states) * hiddenSize,
      `outputs ${outputs} × vocabulary ${vocabulary} + ubatch ${ubatch} × ${states} × hidden size ${hiddenSize}`,
    ],
  ]
  if (!fused) {
    const projected = heads * keyLength + kvHeads * (keyLength + valueLength)
    peaks.push([
      ubatch * (heads * cells.context + states * hiddenSize + projected),
      `without flash attention: ubatch ${ubatch} × (heads ${heads} × cells ${cells.context} + ${states} × hidden size ${hiddenSize} + projections ${projected})`,
    ])
  }
  const [values, formula] = peaks.reduce((most, peak) => (peak[0] > most[0] ? peak : most))
  return { bytes: 4 * values + mask, formula: `4 B × ${formula} + ${masks}` }
}

/** Values that a layer's feed-forward network holds of one token: gate, up and their product, for each expert used. */
const feedForward = ({ expertsUsed = 1, feedForward: width, hiddenSize = 0 }: ModelFacts) =>
  width === undefined
    ? {
        values: 12 * hiddenSize,
        formula: `12 × hidden size ${hiddenSize}, for the model's files tell no feed-forward width`,
      }
    : {
        values: 3 * width * expertsUsed,
        formula: `3 × feed-forward ${width}${expertsUsed === 1 ? "" : ` × experts ${expertsUsed}`}`,
      }

/** Encoders see no cache, but every text all of its own tokens at once. */
const encoder = ({ feedForward: width, hiddenSize = 0 }: ModelFacts, ubatch: number): ReadonlyArray<DemandPart> => {
  const inner = width ?? 4 * hiddenSize
  return [
    {
      name: "compute",
      bytes: 4 * ubatch * (2 * inner + 2 * hiddenSize) + 4 * ubatch * ubatch,
      basis: "heuristic",
      formula: `4 B × ubatch ${ubatch} × (2 × feed-forward ${inner} + 2 × hidden size ${hiddenSize} + ubatch ${ubatch})`,
      buffer: "compute",
    },
  ]
}
