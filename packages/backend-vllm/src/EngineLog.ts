/** What vLLM reports in its log. */
export interface EngineLog {
  /** The engine's version. */
  readonly version?: string
  /** Kind of device that it computes on: `cpu` or `cuda`. */
  readonly device?: string
  /** By the names of the backend's options, where one exists. */
  readonly settings: Readonly<Record<string, string | number | boolean>>
  /** Cores that each process is bound to, by rank, on the processor. */
  readonly cores: ReadonlyArray<string>
  /** Bytes of weights, for each process that reports them. */
  readonly weightBytes: ReadonlyArray<number>
  /** Bytes of KV cache, for each process that reports them. */
  readonly kvBytes: ReadonlyArray<number>
}

type Settings = Record<string, string | number | boolean | undefined>

/** Reads the whole log of a server that has started; what is not in it is left out. */
export const readEngineLog = (log: string): EngineLog => {
  const engine = /Initializing a V1 LLM engine \(v([^)]+)\) with config: (.*)/.exec(log)
  const config = engine?.[2] ?? ""
  const device = wordOf(config, "device_config")
  return {
    ...(engine === null ? {} : { version: engine[1]! }),
    ...(device === undefined ? {} : { device }),
    settings: defined({
      dtype: wordOf(config, "dtype")?.replace("torch.", ""),
      quantization: wordOf(config, "quantization"),
      maxModelLen: numberOf(config, "max_seq_len"),
      kvCacheDtype: wordOf(config, "kv_cache_dtype"),
      speculation: wordOf(/SpeculativeConfig\((.*?)\)/.exec(config)?.[1] ?? "", "method"),
      draftTokens: numberOf(/SpeculativeConfig\((.*?)\)/.exec(config)?.[1] ?? "", "num_spec_tokens"),
      enforceEager: flagOf(config, "enforce_eager"),
      prefixCaching: flagOf(config, "enable_prefix_caching"),
      tensorParallel: numberOf(config, "tensor_parallel_size"),
      pipelineParallel: numberOf(config, "pipeline_parallel_size"),
      replicas: replicasIn(log) ?? numberOf(config, "data_parallel_size"),
      worldSize: numberOf(log, "world_size"),
      expertParallel: /, EP rank \d/.test(log) ? true : undefined,
      attention: /Using (\w+) (?:attention )?backend(?: out of|\.)/.exec(log)?.[1],
      kvCacheTokens: count(/KV cache size: ([\d,]+) tokens/.exec(log)?.[1]),
      weightsLoadSeconds: seconds(/Loading weights took ([\d.]+) seconds/.exec(log)?.[1]),
    }),
    cores: coresOf(log),
    weightBytes: gibibytes(log, /Model loading took ([\d.]+) GiB/g),
    kvBytes: gibibytes(log, /(?:Explicitly|Auto) set \(([\d.]+)\/|Available KV cache memory: ([\d.]+) GiB/g),
  }
}

/** Each replica of a dense model is a separate engine, whose config does not mention the others. */
const replicasIn = (log: string): number | undefined => {
  const engines = new Set([...log.matchAll(/^\(EngineCore_DP(\d+) pid=\d+\)/gm)].map(([, rank]) => rank))
  return engines.size === 0 ? undefined : engines.size
}

/** By replica and rank: replicas write their lines in any order. */
const coresOf = (log: string): ReadonlyArray<string> =>
  [...log.matchAll(/^.*?(?:EngineCore_DP(\d+).*)?local_rank=(\d+), core ids=\[([\d, ]+)\]/gm)]
    .map(([, replica, rank, cores]) => ({ order: [Number(replica ?? 0), Number(rank)] as const, cores: cores! }))
    .toSorted((a, b) => a.order[0] - b.order[0] || a.order[1] - b.order[1])
    .map(({ cores }) => cores.replaceAll(" ", ""))

/** `None` is Python's value for an unset setting. */
const wordOf = (config: string, name: string): string | undefined => {
  const word = new RegExp(`(?<![\\w])${name}=([^,)\\s]+)`).exec(config)?.[1]?.replaceAll("'", "")
  return word === "None" ? undefined : word
}

const numberOf = (config: string, name: string): number | undefined => {
  const word = wordOf(config, name)
  return word !== undefined && /^\d+$/.test(word) ? Number(word) : undefined
}

const flagOf = (config: string, name: string): boolean | undefined => {
  const word = wordOf(config, name)
  return word === "True" ? true : word === "False" ? false : undefined
}

const count = (digits: string | undefined): number | undefined =>
  digits === undefined ? undefined : Number(digits.replaceAll(",", ""))

const seconds = (digits: string | undefined): number | undefined => (digits === undefined ? undefined : Number(digits))

const gibibytes = (log: string, pattern: RegExp): ReadonlyArray<number> =>
  [...log.matchAll(pattern)].map(([, first, second]) => Math.round(Number(first ?? second) * 2 ** 30))

const defined = (settings: Settings): EngineLog["settings"] =>
  Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, string | number | boolean] => entry[1] !== undefined),
  )
