import type { ModelFacts } from "@rigbook/core"
import { graphOf } from "./Architectures.ts"
import type { Options } from "./Options.ts"

/** Values of the layers' own inputs, for one token. */
export const perLayer = ({ layers = 0, perLayerInput = 0 }: ModelFacts): number => layers * perLayerInput

/** Queries beside the states. With a quantized cache they are rotated, in place of a state if they are as wide. */
export const queriesOf = (
  { heads = 0, hiddenSize = 0, keyLength = 0, latentLength, slidingWindow }: ModelFacts,
  { kvCache }: Options,
) => {
  if (latentLength !== undefined) return hiddenSize
  const width = heads * (slidingWindow?.keyLength ?? keyLength)
  if (!kvCache.startsWith("q") || width > hiddenSize) return width
  return width === hiddenSize ? 0 : 2 * width
}

/** Values that a layer's feed-forward network holds for one token: gate, up and their product, for each expert used. */
export const feedForward = (model: ModelFacts) => {
  const { denseFeedForward = 0, expertsUsed = 1, feedForward: width, hiddenSize = 0, tensorBytes } = model
  const matrices = graphOf(model).matrices ?? 3
  if (width === undefined)
    return {
      values: 12 * hiddenSize,
      formula: `12 × hidden size ${hiddenSize}, because the model's files state no feed-forward width`,
    }
  const mixed = matrices * width * expertsUsed
  const dense = tensorBytes?.experts?.some((bytes) => bytes === 0) === true ? matrices * denseFeedForward : 0
  if (dense > mixed)
    return { values: dense, formula: `${matrices} × feed-forward ${denseFeedForward} of layers without experts` }
  return {
    values: mixed,
    formula: `${matrices} × feed-forward ${width}${expertsUsed === 1 ? "" : ` × experts ${expertsUsed}`}`,
  }
}
