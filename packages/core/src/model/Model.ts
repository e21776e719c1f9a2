import { Schema } from "effect"
import type { Quantization } from "./Recipe.ts"

/** What a model is asked to do: write text, or turn texts into vectors. */
export const Task = Schema.Literals(["generate", "embed"]).annotate({ identifier: "Task" })
export type Task = typeof Task.Type

/** The file that a model's was made of, by what its own header says. */
export const UnpackedFrom = Schema.Struct({
  format: Schema.Literals(["gguf"]),
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
  format: Schema.Literals(["gguf", "safetensors"]),
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
  /** Where the bytes of the tensors belong; left out by formats that don't tell. */
  tensorBytes: Schema.optionalKey(
    Schema.Struct({
      /** Tables that texts are looked up in. */
      input: Schema.Int,
      /** Each layer's, in their order. */
      layers: Schema.Array(Schema.Int),
      /** Each layer's experts, which are part of it, in a mixture of experts; left out where there are none. */
      experts: Schema.optionalKey(Schema.Array(Schema.Int)),
      /** What makes tokens of the last layer's state. */
      output: Schema.Int,
      /** The table of tokens, where the input has others too. */
      table: Schema.optionalKey(Schema.Int),
      /** There is no table of its own for the output: the input's is used for it too. */
      tied: Schema.Boolean,
    }),
  ),
  layers: Schema.optionalKey(Schema.Int),
  /** Longest context, in tokens, that the model was trained for. */
  contextLength: Schema.optionalKey(Schema.Int),
  /** Positions that its tokens can have, where the files tell: an encoder fails on more, however long texts may be. */
  positions: Schema.optionalKey(Schema.Int),
  /** Width of the hidden state; of an embedding model's vectors too, unless `dimensions` says otherwise. */
  hiddenSize: Schema.optionalKey(Schema.Int),
  /** Width of an embedding model's vectors, where its modules project them or join several. */
  dimensions: Schema.optionalKey(Schema.Int),
  /** Width that its vectors are cut to (Matryoshka), where its files ask for that. */
  shortenedTo: Schema.optionalKey(Schema.Int),
  /** What is put before texts, by the names that an embedding model's files give; such as `query: ` for `query`. */
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
  /** Of each layer, where they differ; 0 for one that keeps no keys and values of its own. */
  kvHeadsByLayer: Schema.optionalKey(Schema.Array(Schema.Int)),
  /** Width of one head's key. */
  keyLength: Schema.optionalKey(Schema.Int),
  /** Width of one head's value. */
  valueLength: Schema.optionalKey(Schema.Int),
  /** Width of the one vector that stands for the keys and values of all heads (multi-head latent attention). */
  latentLength: Schema.optionalKey(Schema.Int),
  /** Layers that look back no further than so many tokens; all others see the whole context. */
  slidingWindow: Schema.optionalKey(
    Schema.Struct({
      tokens: Schema.Int,
      layers: Schema.Array(Schema.Int),
      /** Widths of one head's key and value there, where they differ from those of other layers. */
      keyLength: Schema.optionalKey(Schema.Int),
      valueLength: Schema.optionalKey(Schema.Int),
    }),
  ),
  /** Layers that keep a state of fixed size of each text, in place of its keys and values or beside them. */
  recurrent: Schema.optionalKey(
    Schema.Struct({
      layers: Schema.Array(Schema.Int),
      /** Values that one layer keeps of the last tokens (32-bit numbers), and of all before. */
      convolution: Schema.Int,
      state: Schema.Int,
      /** Width of the network that makes the state, and of what its convolution mixes. */
      inner: Schema.optionalKey(Schema.Int),
      mixed: Schema.optionalKey(Schema.Int),
    }),
  ),
  /** Layers at the end that predict further tokens; an ordinary forward pass leaves them out. */
  nextTokenLayers: Schema.optionalKey(Schema.Int),
  /** Width of the input that each layer gets of its own. */
  perLayerInput: Schema.optionalKey(Schema.Int),
  /** What is taken for granted where its files don't say, each as the end of a sentence; whatever rests on it is no exact figure. */
  assumed: Schema.optionalKey(Schema.Array(Schema.NonEmptyString)),
  /** Number of tokens that it knows. */
  vocabulary: Schema.optionalKey(Schema.Int),
  /** Whether the files carry a chat template: without one a model is given plain text. */
  chatTemplate: Schema.Boolean,
  /** Its weights are random: it has the shape of a model with so many layers, and what it answers means nothing. */
  synthetic: Schema.optionalKey(Schema.Struct({ layers: Schema.Int })),
  /** SHA-256 (hex) of the file, or of the sorted list of names and hashes of all files that decide the answers. */
  sha256: Schema.NonEmptyString,
  /**
   * The file whose weights these are, where a backend had it unpacked for an engine that can't read it: whatever type
   * they are kept in now, they are no more exact than they were there.
   */
  unpackedFrom: Schema.optionalKey(UnpackedFrom),
  /** The file that this one was quantized from, where Rigbook had that done. */
  quantizedFrom: Schema.optionalKey(UnpackedFrom),
}) {}

/** The type of a model's weights, and the one they were unpacked from: `BF16, unpacked from Q4_1`. */
export const weightsName = ({ quantization, unpackedFrom }: ModelFacts): string =>
  unpackedFrom === undefined ? quantization : `${quantization}, unpacked from ${unpackedFrom.quantization}`

/** Where a model's files lie on this machine. */
export interface ModelFiles {
  /** The file (GGUF) or the folder (safetensors and its configuration). */
  readonly path: string
  /** Only headers are to be read, as for a plan: weights may be missing, and the hash is that of the headers. */
  readonly headersOnly?: boolean
  /** The file is still to be quantized to this by `Backend.prepare`; `Backend.inspect` tells what it will be. */
  readonly quantizeTo?: Quantization
  /** What the folder was unpacked from, where a backend did so. */
  readonly unpackedFrom?: UnpackedFrom
}

/** What is to be said of random weights; `undefined` of any other. */
export const syntheticMark = ({ layers, synthetic }: Pick<ModelFacts, "layers" | "synthetic">): string | undefined => {
  if (synthetic === undefined) return undefined
  const all = layers === undefined || layers === synthetic.layers
  return all ? "synthetic weights" : `synthetic weights, ${layers} of ${synthetic.layers} layers`
}

/** Types that keep what was trained: a file quantized from them is as good as any of its type. */
const UNQUANTIZED = ["F32", "F16", "BF16"]

type Marked = Pick<ModelFacts, "layers" | "synthetic" | "quantizedFrom">

/** What is to be said beside every figure of a model that does not answer as the model of its name does. */
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
