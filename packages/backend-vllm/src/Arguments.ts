import { CPU, type Effective, type ModelFacts, type Placement, type Task } from "@rigbook/core"
import { defaultKvCacheBytes } from "./Demand.ts"
import type { Flags } from "./Flags.ts"
import { type Meeting, nodeFlags } from "./Nodes.ts"
import { draftTokensOf, maxModelLenOf, type Options } from "./Options.ts"
import { type Split, splitOf } from "./Split.ts"

export interface ServerInput {
  readonly options: Options
  readonly task: Task
  /** The model's folder, and what its files say. */
  readonly folder: string
  readonly model: ModelFacts
  readonly placement: Placement
  readonly port: number
  /** Word that identifies answers of this server. */
  readonly nonce: string
  /** For a placement on several machines. */
  readonly meeting?: Meeting | undefined
}

/**
 * The command line of `vllm`. Whatever decides where the model is placed or what a request costs is set explicitly:
 * by default vLLM caches prompts, takes 92 % of a GPU and does not report how many tokens it found in the cache.
 */
export const serverArguments = (input: ServerInput): ReadonlyArray<string> => {
  const { nonce, port } = input
  return serve(input, { "--served-model-name": nonce, "--host": "127.0.0.1", "--port": port }, 0)
}

/** The command line of `vllm` on each of the other nodes, in their order: they compute, and serve no requests. */
export const nodeArguments = (input: ServerInput): ReadonlyArray<ReadonlyArray<string>> =>
  (input.meeting?.others ?? []).map((_, index) => serve(input, { "--headless": true }, index + 1))

/** What is requested, by the names of `effectiveOf`; nothing that is left to vLLM. */
export const requested = (options: Options, placement: Placement): Effective["settings"] => ({
  ...(options.maxModelLen === undefined ? {} : { maxModelLen: options.maxModelLen }),
  ...(options.dtype === "auto" ? {} : { dtype: options.dtype }),
  ...(options.quantization === undefined ? {} : { quantization: options.quantization }),
  ...(options.kvCacheDtype === "auto" ? {} : { kvCacheDtype: options.kvCacheDtype }),
  ...(options.kvCacheBytes === undefined ? {} : { kvCacheBytes: options.kvCacheBytes }),
  enforceEager: options.enforceEager,
  prefixCaching: options.prefixCaching,
  ...(options.speculation === undefined
    ? {}
    : { speculation: options.speculation, draftTokens: draftTokensOf(options)! }),
  ...splitOf(options, placement),
})

/** Flags that all nodes of one model share, and those of a single node. */
const serve = (input: ServerInput, own: Flags, rank: number): ReadonlyArray<string> => {
  const { folder, meeting, model, options, placement, task } = input
  return [
    "serve",
    folder,
    ...argv({
      ...own,
      "--runner": task === "embed" ? "pooling" : "generate",
      "--max-model-len": maxModelLenOf(options, model),
      "--max-num-seqs": options.maxSequences,
      "--dtype": options.dtype,
      ...(options.quantization === undefined ? {} : { "--quantization": options.quantization }),
      "--kv-cache-dtype": options.kvCacheDtype,
      ...memory(input),
      ...split(splitOf(options, placement)),
      ...nodeFlags(meeting, rank),
      [options.prefixCaching ? "--enable-prefix-caching" : "--no-enable-prefix-caching"]: true,
      [options.enforceEager ? "--enforce-eager" : "--no-enforce-eager"]: true,
      ...speculation(options),
      "--enable-prompt-tokens-details": true,
      "--seed": 0,
    }),
  ]
}

/** The numbers are set, as each decides what a token costs. */
const speculation = (options: Options): Flags => {
  const tokens = draftTokensOf(options)
  if (tokens === undefined) return {}
  const config = {
    method: options.speculation,
    num_speculative_tokens: tokens,
    prompt_lookup_max: 4,
    prompt_lookup_min: 2,
  }
  return { "--speculative-config": JSON.stringify(config) }
}

const argv = (flags: Flags): ReadonlyArray<string> =>
  Object.entries(flags).flatMap(([flag, value]) => (value === true ? [flag] : [flag, `${value}`]))

/**
 * Bytes are set where possible. On the processor vLLM would take 92 % of the host's memory; the variable
 * `VLLM_CPU_KVCACHE_SPACE` is the old way to set it, in whole GiB.
 */
const memory = ({ model, options, placement }: ServerInput): Flags => {
  const onCpu = placement.devices[0] === CPU
  const bytes = options.kvCacheBytes ?? (onCpu ? defaultKvCacheBytes(model, options) : undefined)
  return {
    ...(bytes === undefined ? {} : { "--kv-cache-memory-bytes": bytes }),
    ...(onCpu ? {} : { "--gpu-memory-utilization": options.gpuMemoryUtilization }),
  }
}

const split = ({ expertParallel, pipelineParallel, replicas, tensorParallel }: Split): Flags => ({
  "--tensor-parallel-size": tensorParallel,
  "--pipeline-parallel-size": pipelineParallel,
  "--data-parallel-size": replicas,
  ...(expertParallel === undefined ? {} : { "--enable-expert-parallel": true }),
})
