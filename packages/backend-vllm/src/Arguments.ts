import { CPU, type ModelFacts, type Placement, type Task } from "@rigbook/core"
import { defaultKvCacheBytes } from "./Demand.ts"
import type { Flags } from "./Flags.ts"
import { nodeFlags, nodesOf } from "./Nodes.ts"
import { maxModelLenOf, type Options } from "./Options.ts"
import { type Split, splitOf } from "./Split.ts"

export interface ServerInput {
  readonly options: Options
  readonly task: Task
  /** The model's folder, and what its files say. */
  readonly folder: string
  readonly model: ModelFacts
  readonly placement: Placement
  readonly port: number
  /** Word by which the server's answers are known to be ours. */
  readonly nonce: string
}

/**
 * The command line of `vllm`. Whatever decides where the model lies or what a request costs is said explicitly:
 * by itself vLLM keeps prompts in a cache, takes 92 % of a GPU and hides how many tokens it found in the cache.
 */
export const serverArguments = (input: ServerInput): ReadonlyArray<string> => {
  const { nonce, port } = input
  return serve(input, { "--served-model-name": nonce, "--host": "127.0.0.1", "--port": port }, 0)
}

/** The command line of `vllm` on each of the other nodes, in their order: it computes, and answers nobody. */
export const nodeArguments = (input: ServerInput): ReadonlyArray<ReadonlyArray<string>> =>
  nodesOf(input.options, input.placement).map((_, index) => serve(input, { "--headless": true }, index + 1))

/** What all nodes of one model have to agree on, and what is one's own. */
const serve = (input: ServerInput, own: Flags, rank: number): ReadonlyArray<string> => {
  const { folder, model, options, placement, task } = input
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
      ...nodeFlags(options, placement, rank),
      [options.prefixCaching ? "--enable-prefix-caching" : "--no-enable-prefix-caching"]: true,
      [options.enforceEager ? "--enforce-eager" : "--no-enforce-eager"]: true,
      "--enable-prompt-tokens-details": true,
      "--seed": 0,
    }),
  ]
}

const argv = (flags: Flags): ReadonlyArray<string> =>
  Object.entries(flags).flatMap(([flag, value]) => (value === true ? [flag] : [flag, `${value}`]))

/**
 * Bytes are named where they can be. On the processor vLLM would take 92 % of the host's memory; the variable
 * `VLLM_CPU_KVCACHE_SPACE` is the old way to say it, in whole GiB.
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
