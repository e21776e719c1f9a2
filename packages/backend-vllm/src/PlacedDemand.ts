import {
  CPU,
  type DemandInput,
  type DemandPart,
  type DeviceDemand,
  type ModelFacts,
  type Placement,
  scenarioTask,
} from "@rigbook/core"
import { demand, gpuKvCache } from "./Demand.ts"
import { kvShares, roomFor } from "./KvCache.ts"
import type { Options } from "./Options.ts"

/** What each GPU of a placement holds, and the processes in host memory beside them. */
export const demandOf = (input: DemandInput<Options>): ReadonlyArray<DeviceDemand> => {
  const { config, model, placement, scenario } = input
  const { parts } = demand(model, config, scenarioTask(scenario))
  const server = parts.filter(({ name }) => name === "server")
  const own = parts.filter(({ name }) => name !== "server")
  if (placement.devices[0] === CPU) {
    const { degree = 1, nodes = 1, strategy } = placement
    const whole = strategy === "replicas" ? degree : 1
    const all = own.map((part) => (part.name === "weights" ? shared(times(part, whole), nodes) : times(part, degree)))
    return [{ device: CPU, parts: [...all, ...server] }]
  }
  const least = gpuKvCache(model, config)
  const onGpu = own.map((part) => (part.name === "KV cache" ? (least ?? part) : part))
  const gpus = placement.devices.map((device): DeviceDemand => {
    const held = onGpu.map((part) => shareOf(part, input))
    const parts = held.map((part) => (part.name === "KV cache" ? filling(part, held, device, input) : part))
    return { device, parts: [...parts, ...leftAlone(device, input)] }
  })
  const workers = own.filter(({ name }) => name === "worker").map((part) => times(part, gpus.length))
  return [...gpus, { device: CPU, parts: [...workers, ...server] }]
}

const times = (part: DemandPart, count: number): DemandPart =>
  count === 1 ? part : { ...part, bytes: part.bytes * count, formula: `${count} processes × (${part.formula})` }

const shared = (part: DemandPart, by: number): DemandPart =>
  by === 1 ? part : { ...part, bytes: Math.ceil(part.bytes / by), formula: `1/${by} of ${part.formula}` }

const isShared = ({ strategy }: Placement): boolean => strategy !== "single" && strategy !== "replicas"

/** Heads are repeated if there are fewer than GPUs; a configured cache size holds for each GPU. */
const shareOf = (part: DemandPart, { config, model, placement }: DemandInput<Options>): DemandPart => {
  const size = isShared(placement) ? placement.devices.length : 1
  const heads = kvSplit(model, placement)
  const by = part.name === "weights" ? size : part.name === "KV cache" && config.kvCacheBytes === undefined ? heads : 1
  return shared(part, by)
}

/** By how many GPUs the KV cache is shared. */
const kvSplit = (model: ModelFacts, placement: Placement): number => {
  if (!isShared(placement)) return 1
  const { length } = placement.devices
  return placement.strategy === "pipeline" || placement.strategy === "nodes" ? length : kvShares(model, length)
}

/** What vLLM leaves of a GPU's free memory, whether it needs it or not. */
const leftAlone = (gpu: string, { config, host }: DemandInput<Options>): ReadonlyArray<DemandPart> => {
  const { freeBytes, memoryBytes } = host.devices.find(({ id }) => id === gpu) ?? {}
  if (freeBytes === undefined || memoryBytes === undefined || config.kvCacheBytes !== undefined) return []
  const bytes = freeBytes - Math.ceil(memoryBytes * config.gpuMemoryUtilization)
  const formula = `what gpuMemoryUtilization ${config.gpuMemoryUtilization} leaves of the free memory`
  return bytes <= 0 ? [] : [{ name: "margin", bytes, basis: "formula", formula }]
}

/** vLLM gives the KV cache the rest of its share of the GPU (`v1/worker/gpu_worker.py` determine_available_memory). */
const filling = (
  least: DemandPart,
  held: ReadonlyArray<DemandPart>,
  gpu: string,
  { config, host, model, placement }: DemandInput<Options>,
): DemandPart => {
  const memory = host.devices.find(({ id }) => id === gpu)?.memoryBytes
  if (memory === undefined || config.kvCacheBytes !== undefined) return least
  const others = held.filter((part) => part !== least).reduce((sum, { bytes }) => sum + bytes, 0)
  const left = Math.ceil(memory * config.gpuMemoryUtilization) - others
  if (left <= least.bytes) return least
  const tokens = roomFor(model, config, left * kvSplit(model, placement))
  const room = tokens === undefined ? "" : `: room for about ${tokens} tokens`
  return {
    ...least,
    bytes: left,
    formula: `the rest of gpuMemoryUtilization ${config.gpuMemoryUtilization} of ${memory} B${room}; at least ${least.formula}`,
  }
}
