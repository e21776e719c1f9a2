import type { ModelFacts } from "@rigbook/core"
import { Effect, Schema } from "effect"

const orDefault = <A>(value: A) => Effect.succeed(value)
/** Tokens, threads, requests: no engine takes more. */
const MOST = 2 ** 24
const MOST_BYTES = 2 ** 50
const count = (description: string) =>
  Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(MOST)).annotate({ description })
const choice = <const L extends ReadonlyArray<string>>(literals: L, description: string) =>
  Schema.Literals(literals).annotate({ description })
const flag = (description: string) =>
  Schema.Boolean.annotate({ description }).pipe(Schema.withDecodingDefaultKey(orDefault(false)))

const Address = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9.:-]*$/, { message: "Expected the address or name of a machine" }),
)
const Port = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 }))

/** Machines of a unit that a launcher starts vLLM on: it knows their addresses. */
const UnitMachines = Schema.Struct({
  count: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 64 })).annotate({
    description: "Machines, the one that measures among them.",
  }),
  /** Of each; left out on the processor. */
  gpus: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 64 }))),
}).annotate({
  identifier: "VllmUnitNodes",
  description:
    "Machines for the placement nodes that a cluster's launcher gives: how many, and how many GPUs each has, which become " +
    "devices such as node2/0. Without gpus, the model is on their processors. vLLM is started on all of them.",
})

/**
 * Several machines that hold one model, this one first: each needs the model at the same path, and the same number of
 * GPUs.
 */
const NamedMachines = Schema.Struct({
  /** This machine's address, at which the others reach it. */
  address: Address,
  port: Port.pipe(Schema.withDecodingDefaultKey(orDefault(29_500))),
  others: Schema.NonEmptyArray(
    Schema.Struct({ address: Address, gpus: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 64 })) }),
  ),
}).annotate({
  identifier: "VllmNamedNodes",
  description:
    "Machines for the placement nodes: this one's address and a free port, and the others with their numbers of GPUs, " +
    "which become devices such as 10.0.0.2/0. vLLM trusts everybody who reaches that port: use it only in a private network.",
})

/** The machines by their addresses, on each of which vLLM is started by hand, or those that a launcher gives. */
export const Nodes = Schema.Union([NamedMachines, UnitMachines]).annotate({
  identifier: "VllmNodes",
  description: "Machines for the placement nodes: by their addresses, or as many as a cluster's launcher gives.",
})
export type Nodes = typeof Nodes.Type

/** The options of `backends.vllm` in a model's config. */
export const Options = Schema.Struct({
  /** Tokens of the longest request, prompt and answer together. */
  maxModelLen: Schema.optionalKey(
    count(
      "Tokens of the longest request, prompt and answer together. " +
        "Default: 4096, or the model's trained context if that is less.",
    ),
  ),
  /** Type of the weights in memory, and of the computation. */
  dtype: choice(
    ["auto", "float32", "float16", "bfloat16"],
    "Type of the weights in memory and of the computation; auto leaves it to vLLM.",
  ).pipe(Schema.withDecodingDefaultKey(orDefault("auto" as const))),
  /** How vLLM is to read, or to make, quantized weights. */
  quantization: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "vLLM's name for a quantization, such as fp8 or awq. Default: what the model's config.json says.",
    }),
  ),
  /** Type of the KV cache. */
  kvCacheDtype: Schema.NonEmptyString.annotate({
    description: "Type of the KV cache, such as fp8; auto uses that of the computation.",
  }).pipe(Schema.withDecodingDefaultKey(orDefault("auto"))),
  /** Bytes of the KV cache, for each process that holds a part of the model. */
  kvCacheBytes: Schema.optionalKey(
    Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(MOST_BYTES)).annotate({
      description:
        "Bytes of the KV cache, for each process that holds a part of the model. Default on the processor: 1 GiB, or " +
        "one longest request if that is more; on GPUs what remains of gpuMemoryUtilization.",
    }),
  ),
  /** Share of a GPU's memory that vLLM takes, whatever the model needs. */
  gpuMemoryUtilization: Schema.Finite.check(Schema.isBetween({ minimum: 0.05, maximum: 1 }))
    .annotate({ description: "Share of a GPU's memory that vLLM takes, unless kvCacheBytes is set." })
    .pipe(Schema.withDecodingDefaultKey(orDefault(0.92))),
  /** Requests that are computed at once, or texts of one forward pass. */
  maxSequences: count("Requests, or texts to embed, that are computed at once.").pipe(
    Schema.withDecodingDefaultKey(orDefault(64)),
  ),
  /** Compute step by step, without compiling the model first. */
  enforceEager: flag(
    "Compute without compiling the model first: starts in half a minute instead of minutes, and is slower on GPUs.",
  ),
  /** Reuse the KV cache of prompts for prompts that begin alike. */
  prefixCaching: flag("Reuse the KV cache of a prompt for others that begin alike: repeated trials then find it warm."),
  /** Speculative decoding without a second model: drafts are what followed the same tokens before. */
  speculation: Schema.optionalKey(
    Schema.Literal("ngram").annotate({
      description:
        "Speculative decoding without a second model: ngram drafts what followed the last two to four tokens before. Default: none.",
    }),
  ),
  /** Tokens of one draft, with `speculation`. */
  draftTokens: Schema.optionalKey(count("Tokens of one draft, with speculation. Default: 4.")),
  /** The machines that the strategy `nodes` puts the model on. */
  nodes: Schema.optionalKey(Nodes),
  /** Cores that the processes on the processor are bound to. */
  threads: Schema.optionalKey(
    Schema.String.check(Schema.isPattern(/^(auto|nobind|[\d,|-]+)$/)).annotate({
      description:
        "Cores that compute, in the form of VLLM_CPU_OMP_THREADS_BIND: 0-3, or 0-3|4-7 for two processes. " +
        "Default: vLLM's choice for one process, an equal share of the cores for each of several.",
    }),
  ),
  /** Your own vLLM. */
  vllm: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "Path of the program vllm in your own environment. Default: the one that setup installs.",
    }),
  ),
  /** The port to listen on, at 127.0.0.1. */
  port: Schema.optionalKey(
    Port.annotate({
      description: "Port to listen on, at 127.0.0.1. Default: a free one.",
    }),
  ),
}).annotate({ identifier: "VllmOptions" })
export type Options = typeof Options.Type

/** Tokens of one draft; `undefined` without speculative decoding. */
export const draftTokensOf = ({ draftTokens = 4, speculation }: Options): number | undefined =>
  speculation === undefined ? undefined : draftTokens

/** Tokens of the longest request. */
export const maxModelLenOf = (options: Options, model: Pick<ModelFacts, "contextLength">): number =>
  options.maxModelLen ?? Math.min(4096, model.contextLength ?? 4096)
