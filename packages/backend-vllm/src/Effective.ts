import { CPU, type DeviceId, type DraftCounts, Effective, type EngineBuffer, type Placement } from "@rigbook/core"
import { type EngineLog, readEngineLog } from "./EngineLog.ts"

/** What a ready server answered. */
export interface Answers {
  /** `max_model_len` at `GET /v1/models`. */
  readonly maxModelLen: number
  /** At `GET /version`. */
  readonly version: string
  /** The text of `GET /metrics`. */
  readonly metrics: string
  readonly log: string
}

/** What is effective, from vLLM's own answers and its log. Pure. */
export const effectiveOf = ({ log, maxModelLen, metrics, version }: Answers, placement: Placement): Effective => {
  const reported = readEngineLog(log)
  const cache = cacheConfig(metrics)
  const devices = devicesOf(reported, placement)
  // On processors each machine has its own part; GPUs elsewhere are devices of the placement.
  const machines = placement.devices[0] === CPU ? (placement.nodes ?? 1) : 1
  // Encoders cache no keys and values: for them the configured bytes are never allocated.
  const hasCache = /^\d+$/.test(cache["kv_cache_size_tokens"] ?? "")
  return new Effective({
    devices,
    settings: {
      ...reported.settings,
      version,
      maxModelLen,
      ...(reported.cores.length === 0 ? {} : { cores: reported.cores.join("|") }),
      ...(hasCache
        ? {
            ...numberAs("kvCacheTokens", cache["kv_cache_size_tokens"]),
            ...numberAs("kvCacheBytes", cache["kv_cache_memory_bytes"]),
            ...numberAs("kvCacheBlocks", cache["num_gpu_blocks"]),
          }
        : {}),
      ...flagAs("prefixCaching", cache["enable_prefix_caching"]),
    },
    buffers: buffersOf(reported, hasCache ? Number(cache["kv_cache_memory_bytes"]) : Number.NaN, devices, machines),
  })
}

/** The labels of the gauge in which vLLM reports its KV cache's configuration; with several replicas the first's. */
export const cacheConfig = (metrics: string): Readonly<Record<string, string>> => {
  const labels = /^vllm:cache_config_info\{(.*)\}/m.exec(metrics)?.[1] ?? ""
  return Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]))
}

/** What vLLM has drafted since it was started, over all of its engines. */
export const draftCounts = (metrics: string): DraftCounts => {
  const sum = (name: string): number =>
    [...metrics.matchAll(new RegExp(`^vllm:spec_decode_num_${name}_tokens_total(?:\\{.*\\})? (\\S+)$`, "gm"))].reduce(
      (total, [, count]) => total + Number(count),
      0,
    )
  return { draftedTokens: sum("draft"), acceptedTokens: sum("accepted") }
}

/**
 * A process of the engine can only be on devices that it could see: the placement's GPUs, if there are as many as
 * processes.
 */
const devicesOf = ({ device, settings }: EngineLog, { devices }: Placement): ReadonlyArray<DeviceId> => {
  if (device === "cpu") return [CPU]
  return device === "cuda" && devices[0] !== CPU && processesOf(settings) === devices.length ? devices : []
}

const processesOf = (settings: EngineLog["settings"]): number =>
  Number(settings["worldSize"] ?? 1) * Number(settings["replicas"] ?? 1)

/** Each process reports its own; on the processor they add up on the one device. */
const buffersOf = (
  reported: EngineLog,
  exactKv: number,
  devices: ReadonlyArray<DeviceId>,
  machines: number,
): ReadonlyArray<EngineBuffer> => {
  if (devices.length === 0) return []
  const of = (kind: string, each: ReadonlyArray<number>): ReadonlyArray<EngineBuffer> =>
    each.map((bytes, rank) => ({ device: devices[rank % devices.length]!, kind, bytes }))
  // Each process has the configured bytes; the log, which reports what was available, rounds to hundredths of a GiB.
  const kv = Number.isFinite(exactKv)
    ? Array.from({ length: processesOf(reported.settings) / machines }, () => exactKv)
    : reported.kvBytes
  return [...of("model", reported.weightBytes), ...of("KV", kv)]
}

const numberAs = (name: string, value: string | undefined): Readonly<Record<string, number>> =>
  value !== undefined && /^\d+$/.test(value) ? { [name]: Number(value) } : {}

const flagAs = (name: string, value: string | undefined): Readonly<Record<string, boolean>> =>
  value === "True" || value === "False" ? { [name]: value === "True" } : {}
