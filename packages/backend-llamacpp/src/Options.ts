import type { ModelFacts, Task } from "@rigbook/core"
import { Effect, Schema } from "effect"
import { availableParallelism } from "node:os"

const orDefault = <A>(value: A) => Effect.succeed(value)
/** Tokens, threads, requests: no engine takes more. */
const MOST = 2 ** 27
const count = (description: string) =>
  Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(MOST)).annotate({ description })
const choice = <const L extends ReadonlyArray<string>>(literals: L, description: string) =>
  Schema.Literals(literals).annotate({ description })

/** The options of `backends.llamacpp` in a model's config. */
export const Options = Schema.Struct({
  /** Tokens of the longest request, prompt and answer together. */
  context: Schema.optionalKey(
    count(
      "Tokens of the longest request, prompt and answer together; llama.cpp rounds it up to a multiple of 256. " +
        "Default: 4096, or the model's trained context if that is less.",
    ),
  ),
  /** Threads that compute, for prompts and for answers. */
  threads: count("Threads that compute. Default: all that this process may use.").pipe(
    Schema.withDecodingDefaultKey(Effect.sync(availableParallelism)),
  ),
  /** Requests served at once; each has its own full `context`. */
  parallel: count("Requests served at once; each has its own full context.").pipe(
    Schema.withDecodingDefaultKey(orDefault(1)),
  ),
  /** Tokens submitted at once while a prompt is processed. */
  batch: Schema.optionalKey(count("Tokens submitted at once while prompts are processed. Default: 2048.")),
  /** Tokens of one forward pass while a prompt is processed; a text to embed has to fit in one. */
  ubatch: Schema.optionalKey(
    count("Tokens of one forward pass while prompts are processed. Default: 512; for embeddings the full context."),
  ),
  /** Flash attention: `auto` leaves it to llama.cpp. */
  flashAttention: choice(["auto", "on", "off"], "Flash attention: auto leaves it to llama.cpp.").pipe(
    Schema.withDecodingDefaultKey(orDefault("auto" as const)),
  ),
  /** Layers, the output counted as one, that strategy `offload` puts on devices; as many as fit if left out. */
  gpuLayers: Schema.optionalKey(
    Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).annotate({
      description:
        "Layers, the output counted as one, that are put on devices by strategy offload. Default: as many as fit.",
    }),
  ),
  /** Layers whose experts strategy `experts` leaves to the processor, the first ones; as few as needed if left out. */
  expertLayers: Schema.optionalKey(
    count(
      "Layers, from the first on, whose experts are left to the processor by strategy experts. Default: as few as needed.",
    ),
  ),
  /** Type of the KV cache. */
  kvCache: choice(["f32", "f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0"], "Type of the KV cache.").pipe(
    Schema.withDecodingDefaultKey(orDefault("f16" as const)),
  ),
  /** Speculative decoding without a second model: drafts are what followed the same tokens before. */
  speculation: Schema.optionalKey(
    choice(
      ["ngram-simple", "ngram-map-k", "ngram-map-k4v", "ngram-mod", "ngram-cache"],
      "Speculative decoding without a second model: which of llama.cpp's ways to draft from the n-grams of the text so far. " +
        "Default: none.",
    ),
  ),
  /** ggml-rpc servers that the model may be placed on, as devices `rpc:HOST:PORT`. */
  rpc: Schema.optionalKey(
    Schema.Array(Schema.NonEmptyString).annotate({
      description:
        "ggml-rpc servers, such as 127.0.0.1:50052, that the model may be placed on, as devices rpc:127.0.0.1:50052. " +
        "Loopback and private addresses only.",
    }),
  ),
  /** How an embedding model pools a text into one vector. */
  pooling: Schema.optionalKey(
    choice(["mean", "cls", "last"], "How a text is pooled into one vector. Default: what the model's file says."),
  ),
  /** A llama-server of your own. */
  binary: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "Path of a llama-server of your own. Default: the one on PATH, then the one that setup installs.",
    }),
  ),
  /** The port to listen on, at 127.0.0.1. */
  port: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 })).annotate({
      description: "Port to listen on, at 127.0.0.1. Default: a free one.",
    }),
  ),
}).annotate({ identifier: "LlamaCppOptions" })
export type Options = typeof Options.Type

/** llama.cpp rounds a context up to a multiple of 256 (`GGML_PAD(n_ctx, 256)`). */
export const roundedContext = (tokens: number): number => Math.ceil(tokens / 256) * 256

/** Tokens of context that each slot is given. */
export const contextOf = (options: Options, model: Pick<ModelFacts, "contextLength">): number =>
  roundedContext(options.context ?? Math.min(4096, model.contextLength ?? 4096))

/** Tokens of one forward pass over prompts: a text to embed has to fit in one. */
export const ubatchOf = (options: Options, model: Pick<ModelFacts, "contextLength">, task: Task): number =>
  options.ubatch ?? (task === "embed" ? contextOf(options, model) : 512)
