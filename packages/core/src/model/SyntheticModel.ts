import { Schema } from "effect"
import { QUANTIZATIONS } from "./Recipe.ts"

/** `most`: several times what published models have; a file of larger ones could not be made. */
const count = (most: number, description: string) =>
  Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(most)).annotate({ description })
const optional = (most: number, description: string) => Schema.optionalKey(count(most, description))

const MOST_LAYERS = 1024
const MOST_HEADS = 4096
const MOST_WIDTH = 2 ** 20
/** As many as a GGUF file's list of tokens may have. */
const MOST_WORDS = 1_000_000
const MOST_TOKENS = 2 ** 24
/** Five times what published models have: a file system has files of this size. */
const MOST_WEIGHTS = 10 ** 13

const shape = {
  layers: count(MOST_LAYERS, "Layers of the model."),
  depth: optional(
    MOST_LAYERS,
    "Layers to create, fewer than the model's, so that its shape runs on a small machine. Default: all of them.",
  ),
  hiddenSize: count(MOST_WIDTH, "Width of the hidden state."),
  feedForward: count(MOST_WIDTH, "Inner width of the feed-forward network, of one expert where there are several."),
  heads: count(MOST_HEADS, "Attention heads."),
  kvHeads: optional(MOST_HEADS, "Heads of keys and values. Default: as many as attention heads."),
  keyLength: optional(MOST_WIDTH, "Width of one head. Default: hiddenSize / heads."),
  vocabulary: Schema.Int.check(Schema.isGreaterThanOrEqualTo(512), Schema.isLessThanOrEqualTo(MOST_WORDS)).annotate({
    description: "Tokens in the vocabulary.",
  }),
  contextLength: count(MOST_TOKENS, "Longest context, in tokens, that the model is trained for."),
}

/** Constraints between sizes, each reported at its key. */
const consistent = <M extends Dimensions>() =>
  Schema.makeFilter<M>((model) => {
    const { depth, experts, expertsUsed, heads, hiddenSize, keyLength, kvHeads, layers } = model
    return [
      ...(depth !== undefined && depth > layers
        ? [{ path: ["depth"], issue: `Expected no more than the model's ${layers} layers, found ${depth}` }]
        : []),
      ...(keyLength === undefined && hiddenSize % heads !== 0
        ? [
            {
              path: ["heads"],
              issue: `Expected a divisor of hiddenSize ${hiddenSize} or a keyLength beside it, found ${heads}`,
            },
          ]
        : []),
      ...(kvHeads !== undefined && heads % kvHeads !== 0
        ? [{ path: ["kvHeads"], issue: `Expected a divisor of ${heads} heads, found ${kvHeads}` }]
        : []),
      ...((experts === undefined) !== (expertsUsed === undefined) || (expertsUsed ?? 0) > (experts ?? 0)
        ? [
            {
              path: ["expertsUsed"],
              issue: `Expected a number of experts, no more than ${experts ?? 0}, found ${expertsUsed ?? 0}`,
            },
          ]
        : []),
      ...(weightsOf(model) > MOST_WEIGHTS
        ? [{ path: ["layers"], issue: `Expected fewer than 10^13 weights, found ${weightsOf(model).toExponential(1)}` }]
        : []),
    ]
  })

/** About as many as it has: those of its largest matrices. */
const weightsOf = ({ experts = 1, feedForward, heads, hiddenSize, keyLength, layers }: Dimensions): number =>
  layers * hiddenSize * (3 * experts * feedForward + 4 * heads * (keyLength ?? hiddenSize / heads))

interface Dimensions {
  readonly layers: number
  readonly depth?: number
  readonly hiddenSize: number
  readonly feedForward: number
  readonly heads: number
  readonly kvHeads?: number
  readonly keyLength?: number
  readonly experts?: number
  readonly expertsUsed?: number
}

/** The shape of a decoder, made as a GGUF file. */
export const SyntheticGguf = Schema.Struct({
  format: Schema.Literal("gguf"),
  architecture: Schema.Literals(["llama", "qwen2"]).annotate({
    description: "llama covers Mistral and Mixtral too.",
  }),
  ...shape,
  experts: optional(MOST_HEADS, "Experts in each layer of a mixture of experts."),
  expertsUsed: optional(MOST_HEADS, "Experts that each token is sent to."),
  quantization: Schema.Literals(QUANTIZATIONS).annotate({
    description: "Types of the tensors, mixed as llama.cpp's quantizer mixes them under this name.",
  }),
})
  .check(consistent())
  .annotate({ identifier: "SyntheticGguf" })

/** The shape of a decoder or an encoder, made as a folder of safetensors. */
export const SyntheticSafetensors = Schema.Struct({
  format: Schema.Literal("safetensors"),
  architecture: Schema.Literals(["llama", "bert", "xlm-roberta"]),
  ...shape,
  positions: optional(MOST_TOKENS, "Rows of an encoder's table of positions. Default: as many as its tokens need."),
  quantization: Schema.Literals(["F32", "F16", "BF16"]).annotate({ description: "Type of the weights." }),
})
  .check(consistent())
  .annotate({ identifier: "SyntheticSafetensors" })

export type SyntheticGguf = typeof SyntheticGguf.Type
export type SyntheticSafetensors = typeof SyntheticSafetensors.Type

/**
 * The shape of a model, from its public hyperparameters: enough to plan for it, and to create one with random weights.
 */
export const SyntheticModel = Schema.Union([SyntheticGguf, SyntheticSafetensors]).annotate({
  identifier: "SyntheticModel",
})
export type SyntheticModel = typeof SyntheticModel.Type

/** The shape with its defaults filled in; `layers` are those that are created. */
export const shapeOf = (model: SyntheticModel) => ({
  layers: model.depth ?? model.layers,
  hidden: model.hiddenSize,
  inner: model.feedForward,
  heads: model.heads,
  kvHeads: model.kvHeads ?? model.heads,
  headSize: model.keyLength ?? model.hiddenSize / model.heads,
  vocabulary: model.vocabulary,
  experts: model.format === "gguf" ? (model.experts ?? 0) : 0,
})
