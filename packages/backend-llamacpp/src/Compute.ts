import type { DemandPart, ModelFacts } from "@rigbook/core"
import { graphGround } from "./Architectures.ts"
import { passOf } from "./Cells.ts"
import { type ComputeInput, graph } from "./Graph.ts"
import { isEncoder } from "./KvCache.ts"

/** Compute buffers of a device: as in llama-server, which keeps the scores of one token per slot. */
export const compute = (input: ComputeInput): ReadonlyArray<DemandPart> => {
  const { model, options, role, task } = input
  const { hiddenSize } = model
  if (hiddenSize === undefined) return []
  if (isEncoder(model)) return encoder(model, passOf(model, options, task))
  const { bytes, formula } = graph(input, options.parallel)
  const ground = graphGround(model)
  const basis = model.feedForward === undefined ? "heuristic" : ground.basis
  const part: DemandPart = { name: "compute", bytes, ...ground, basis, formula, buffer: "compute" }
  const { bytes: whole } = graph(input, passOf(model, options, task))
  // Scores are made where the last layer is.
  if (whole === bytes || (role !== "single" && role !== "last")) return [part]
  return [
    part,
    {
      name: "compute reserve",
      bytes: whole - bytes,
      basis: ground.basis,
      formula: `scores of ${passOf(model, options, task)} tokens × vocabulary ${model.vocabulary ?? 0} × 4 B, less what fits into compute: older builds and llama-fit-params allocate those of a full forward pass`,
    },
  ]
}

/**
 * Bytes of compute as llama-fit-params counts them: with the scores of all tokens of a forward pass, where they are
 * made.
 */
export const wholeCompute = (input: ComputeInput, makesScores: boolean): number => {
  const { model, options, task } = input
  if (model.hiddenSize === undefined) return 0
  if (isEncoder(model)) return encoder(model, passOf(model, options, task)).reduce((sum, { bytes }) => sum + bytes, 0)
  return graph(input, makesScores ? passOf(model, options, task) : options.parallel).bytes
}

/** Encoders use no cache, but see all tokens of a text at once. */
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
