import { Effect, Predicate } from "effect"
import type { ModelFacts } from "../../model/Model.ts"
import { QUANTIZED_KEY, readQuantizedMark } from "../../model/QuantizedMark.ts"
import type { BadModel } from "../../runtime/BackendError.ts"
import type { GgufHeader } from "./GgufHeader.ts"
import { AGAIN, bad } from "./GgufProblem.ts"
import { countOf, defined } from "./GgufValue.ts"
import type { GgufWeights } from "./GgufWeights.ts"
import { keepsBoth, recurrent } from "./Recurrent.ts"
import { slidingWindow, windowUnknown } from "./SlidingWindow.ts"
import { GGUF_MARK } from "./SyntheticMark.ts"

type Facts = typeof ModelFacts.Type

/** What the keys of a GGUF file say about its model. */
export const metadataOf = (
  { metadata }: Pick<GgufHeader, "metadata">,
  name: string,
): Effect.Effect<Omit<Facts, "format" | "fileBytes" | "sha256" | Exclude<keyof GgufWeights, "assumed">>, BadModel> => {
  const architecture = metadata["general.architecture"]
  if (!Predicate.isString(architecture) || architecture === "")
    return Effect.fail(bad(`${name} names no architecture.`, AGAIN))
  const reported = (key: string) => metadata[`${architecture}.${key}`]
  const count = (key: string) => countOf(reported(key))
  const hiddenSize = count("embedding_length")
  const heads = count("attention.head_count")
  const perHead = hiddenSize !== undefined && heads ? Math.floor(hiddenSize / heads) : undefined
  const tokens = metadata["tokenizer.ggml.tokens"]
  const layers = count("block_count")
  const experts = count("expert_count") || undefined
  const keyLength = count("attention.key_length")
  const whole = countOf(metadata[GGUF_MARK])
  const nextTokenLayers = count("nextn_predict_layers") || undefined
  const trunk = layers === undefined ? undefined : layers - (nextTokenLayers ?? 0)
  const states =
    trunk === undefined
      ? undefined
      : recurrent({
          architecture,
          layers: trunk,
          hiddenSize: hiddenSize ?? 0,
          heads: heads ?? 0,
          keyLength: keyLength ?? perHead ?? 0,
          kvHeadsOf: (layer) => inLayer(reported("attention.head_count_kv"), layer) ?? heads ?? 0,
          feedForwardOf: (layer) => inLayer(reported("feed_forward_length"), layer) ?? 0,
          count,
          value: reported,
        })
  const window = {
    architecture,
    layers: trunk,
    tokens: count("attention.sliding_window"),
    pattern: reported("attention.sliding_window_pattern"),
  }
  const windows = slidingWindow(window)
  return Effect.map(readQuantizedMark(name, metadata[QUANTIZED_KEY]), (quantizedFrom) => ({
    architecture,
    chatTemplate: Predicate.isString(metadata["tokenizer.chat_template"]),
    ...(whole === undefined ? {} : { synthetic: { layers: whole } }),
    ...(quantizedFrom === undefined ? {} : { quantizedFrom }),
    ...defined({
      layers,
      nextTokenLayers,
      contextLength: count("context_length"),
      hiddenSize,
      perLayerInput: count("embedding_length_per_layer_input") || undefined,
      feedForward:
        experts === undefined
          ? count("feed_forward_length")
          : (count("expert_feed_forward_length") ?? count("feed_forward_length")),
      ...(experts === undefined
        ? {}
        : {
            denseFeedForward: count("expert_feed_forward_length") && count("feed_forward_length"),
            sharedFeedForward: count("expert_shared_feed_forward_length"),
          }),
      experts,
      expertsUsed: experts === undefined ? undefined : count("expert_used_count"),
      heads,
      kvHeads: count("attention.head_count_kv") ?? heads,
      kvHeadsByLayer: headsByLayer({
        reported: reported("attention.head_count_kv"),
        layers,
        heads,
        // The last layers use the keys and values of earlier ones, or are left out.
        kept: (layer) =>
          layer < (trunk ?? 0) - (count("attention.shared_kv_layers") ?? 0) &&
          (keepsBoth(architecture) || states?.layers.includes(layer) !== true),
      }),
      // Not always hiddenSize / heads: Gemma 3 has heads of 256 in a state of 640.
      keyLength: keyLength ?? perHead,
      valueLength: count("attention.value_length") ?? perHead,
      // Written by converters that keep the compressed vector: its width is in place of the keys' width.
      latentLength: count("attention.key_length_mla") === undefined ? undefined : keyLength,
      slidingWindow: windows === undefined ? undefined : { ...windows, ...windowHeads(count) },
      recurrent: states,
      vocabulary: count("vocab_size") ?? (Array.isArray(tokens) ? tokens.length : undefined),
      assumed: windowUnknown(window)
        ? [
            `that every layer caches the full context: which layers have the window of ${window.tokens} tokens is unknown`,
          ]
        : undefined,
    }),
  }))
}

/** Widths of heads in layers with a window, if the file lists them separately. */
const windowHeads = (count: (key: string) => number | undefined) =>
  defined({ keyLength: count("attention.key_length_swa"), valueLength: count("attention.value_length_swa") })

const inLayer = (value: unknown, layer: number): number | undefined =>
  countOf(Array.isArray(value) ? value[layer] : value)

interface HeadsByLayer {
  readonly reported: unknown
  readonly layers: number | undefined
  readonly heads: number | undefined
  /** Whether a layer has its own keys and values. */
  readonly kept: (layer: number) => boolean
}

/** KV heads of each layer where they differ. */
const headsByLayer = ({ heads, kept, layers, reported }: HeadsByLayer): ReadonlyArray<number> | undefined => {
  if (layers === undefined) return undefined
  const each = Array.from({ length: layers }, (_, layer) =>
    kept(layer) ? (inLayer(reported, layer) ?? (Array.isArray(reported) ? 0 : heads) ?? 0) : 0,
  )
  return new Set(each).size === 1 && each[0] !== 0 ? undefined : each
}
