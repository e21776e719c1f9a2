import type { ModelFacts, Task } from "@rigbook/core"
import { graphOf } from "./Architectures.ts"
import { cellsOf, passOf } from "./Cells.ts"
import { attends } from "./KvCache.ts"
import type { Options } from "./Options.ts"
import { feedForward, perLayer, queriesOf } from "./Widths.ts"

/** A device's part of the model's graph: all of it, some layers, or the beginning or end of a chain of devices. */
export type Role = "processor" | "single" | "some layers" | "first" | "last" | "host" | "host of a chain"

/**
 * Hidden states of a full forward pass that exist at the same time at the graph's widest point, and copies of its
 * inputs. Devices that hold all layers one after the other work on four batches at once (`GGML_SCHED_MAX_COPIES`).
 * Fitted to the output of builds 10068 (processor), 11434 and 11669 (devices): to 1 MiB, and to 2 % for chains of plain
 * transformers. On the processor build 11434 keeps one more state.
 */
const ROLES: Readonly<Record<Role, { readonly states: number; readonly copies: number; readonly layers: boolean }>> = {
  processor: { states: 4, copies: 1, layers: true },
  single: { states: 4, copies: 1, layers: true },
  "some layers": { states: 2, copies: 1, layers: true },
  first: { states: 15, copies: 4, layers: true },
  last: { states: 7, copies: 4, layers: true },
  host: { states: 4, copies: 1, layers: false },
  "host of a chain": { states: 10, copies: 4, layers: false },
}

/** States beside the scores on the last device of a chain. */
const LAST = 9

export interface ComputeInput {
  readonly model: ModelFacts
  readonly options: Options
  readonly task: Task
  readonly role: Role
}

interface Peak {
  readonly values: number
  readonly formula: string
}

/** Compute buffers of a device that computes the scores of this many tokens: the widest point of its graph. */
export const graph = (input: ComputeInput, outputs: number): { readonly bytes: number; readonly formula: string } => {
  const masks = input.role === "single" && !besideScores(input).masked ? { bytes: 0, formula: "" } : masksOf(input)
  const widest = (ROLES[input.role].layers ? peaks(input, outputs) : [inputsOf(input)]).reduce((most, peak) =>
    peak.values > most.values ? peak : most,
  )
  return { bytes: Math.round(4 * widest.values) + masks.bytes, formula: `4 B × ${widest.formula}${masks.formula}` }
}

/** States beside the scores of a device that computes the complete graph. */
const besideScores = (input: ComputeInput): { readonly states: number; readonly masked: boolean } => {
  const { model, options, task } = input
  const { jumps, single = ROLES.single.states } = graphOf(model)
  if (jumps === undefined) return { states: single, masked: true }
  const width = masksOf(input).bytes / (4 * passOf(model, options, task) * (model.hiddenSize ?? 1))
  return { states: jumps.find(([masks]) => width < masks)![1], masked: false }
}

/** Which token may attend to which; empty if no layer attends to earlier tokens. */
const masksOf = ({ model, options, role, task }: ComputeInput) => {
  const none = { bytes: 0, formula: "" }
  if (!attends(model)) return none
  const { copies } = ROLES[role]
  const { context, window } = cellsOf(model, options)
  const size = options.flashAttention === "off" ? 4 : 2
  const ubatch = passOf(model, options, task)
  return {
    bytes: copies * size * ubatch * (context + window),
    formula: ` + ${copies === 1 ? "" : `${copies} copies × `}${size} B × ubatch ${ubatch} × cells ${context + window}`,
  }
}

/** What the host prepares for the devices: the tokens' states, and the inputs that layers have of their own. */
const inputsOf = ({ model, options, role, task }: ComputeInput): Peak => {
  const ubatch = passOf(model, options, task)
  const { hiddenSize = 0 } = model
  const own = perLayer(model)
  const states = ROLES[role].states + (graphOf(model).inputs ?? 0)
  return {
    values: ubatch * (states * hiddenSize + own),
    formula:
      own === 0
        ? `ubatch ${ubatch} × ${states} × hidden size ${hiddenSize}`
        : `ubatch ${ubatch} × (${states} × hidden size ${hiddenSize} + layers' inputs ${own})`,
  }
}

const peaks = (input: ComputeInput, outputs: number): ReadonlyArray<Peak> => {
  const { model, options, role, task } = input
  const { heads = 0, hiddenSize = 0, vocabulary = 0 } = model
  const special = graphOf(model)
  const ubatch = passOf(model, options, task)
  const last = role === "last"
  const beside = last ? (special.last ?? LAST) : role === "single" ? besideScores(input).states : ROLES[role].states
  const inner = model.recurrent?.inner ?? 0
  const own =
    perLayer(model) *
    (last ? (special.perLayerLast ?? 0) : role === "single" && model.architecture === "gemma4" ? 1 : 0)
  const found: Array<Peak> = [layersOf(input, outputs)]
  found.push({
    values:
      outputs * vocabulary +
      (last ? outputs : ubatch) * (beside * hiddenSize + own + (last ? (special.lastInner ?? 0) * inner : 0)),
    formula: `outputs ${outputs} × vocabulary ${vocabulary} + ubatch ${ubatch} × ${beside} × hidden size ${hiddenSize}`,
  })
  if (model.latentLength !== undefined) found.push(latent(input))
  if (options.flashAttention === "off") {
    const { keyLength = 0, kvHeads = 0, valueLength = 0 } = model
    const { context } = cellsOf(model, options)
    const { states } = ROLES[role]
    const projected = heads * keyLength + kvHeads * (keyLength + valueLength)
    found.push({
      values: ubatch * (heads * context + states * hiddenSize + projected),
      formula: `without flash attention: ubatch ${ubatch} × (heads ${heads} × cells ${context} + ${states} × hidden size ${hiddenSize} + projections ${projected})`,
    })
  }
  return found
}

/** Where a layer's feed-forward network, or the network that makes its state, is widest. */
const layersOf = ({ model, options, role, task }: ComputeInput, outputs: number): Peak => {
  const { hiddenSize = 0, recurrent } = model
  const special = graphOf(model)
  const ubatch = passOf(model, options, task)
  const width = feedForward(model)
  if (role !== "first") {
    const { states } = ROLES[role]
    return {
      values: ubatch * (width.values + states * hiddenSize) + (role === "last" ? 4 * outputs * hiddenSize : 0),
      formula: `ubatch ${ubatch} × (${width.formula} + ${states} × hidden size ${hiddenSize})`,
    }
  }
  const states = special.first ?? ROLES.first.states
  const own = (special.perLayerFirst ?? 0) * perLayer(model)
  const inner = (special.firstInner ?? 0) * (recurrent?.inner ?? 0)
  const wide = Math.max(width.values, inner)
  const queries = special.fusedQueries === true ? 0 : queriesOf(model, options)
  const terms = [
    wide === width.values ? width.formula : `network of the states ${Math.round(wide)}`,
    // Queries as wide as a state count as one more state.
    `${queries === hiddenSize ? states + 1 : states} × hidden size ${hiddenSize}`,
    ...(queries === hiddenSize || queries === 0 ? [] : [`queries ${queries}`]),
    ...(own === 0 ? [] : [`layers' inputs ${own}`]),
  ]
  return {
    values: ubatch * (wide + states * hiddenSize + queries + own),
    formula: `ubatch ${ubatch} × (${terms.join(" + ")})`,
  }
}

/**
 * Attention through a compressed vector: queries and values of all heads are as wide as it is. Source:
 * `src/models/deepseek2.cpp`.
 */
const latent = ({ model, options, role, task }: ComputeInput): Peak => {
  const { heads = 0, hiddenSize = 0, latentLength = 0, valueLength = 0 } = model
  const ubatch = passOf(model, options, task)
  const side = latentLength - valueLength
  const width = role === "first" ? 2 * latentLength : 2 * latentLength + 2 * side
  const states = role === "first" ? 20.6 : role === "last" ? 12 : 5
  return {
    values: ubatch * (heads * width + states * hiddenSize),
    formula: `ubatch ${ubatch} × (heads ${heads} × ${width} + ${states} × hidden size ${hiddenSize})`,
  }
}
