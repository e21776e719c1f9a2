import { CPU, type Device, type DeviceId, Placement, type StrategyInput } from "@rigbook/core"
import { bytesPerGpu, gpuKvCache } from "./Demand.ts"
import type { Options } from "./Options.ts"

/** A placement, or a sentence why there is none. */
export type Attempt = Placement | string

/** How a model is spread over a number of processes. */
export interface Rule {
  /** Why it can't be this many. */
  readonly refused: (size: number) => string | undefined
  /** By how many processes the weights and the KV cache are shared. */
  readonly shared: (size: number) => { readonly weights: number; readonly kv: number }
}

type Input = StrategyInput<Options>

/**
 * Placements on 2 or more like GPUs, the fewest first: all that the config names, or any number. On the processor in
 * as many processes as the config's `degree` says.
 */
export const spread = (id: string, input: Input, rule: Rule): ReadonlyArray<Attempt> => {
  const gpus = gpusOf(input)
  if (input.degree !== undefined)
    return [
      gpus.length === 0 ? onProcessor(id, input, input.degree, rule) : "a degree is only for cpu: GPUs are counted",
    ]
  if (gpus.length === 0)
    return [input.exactly === true ? "on cpu set degree to the number of processes" : "this host has no GPU"]
  const kinds = [...Map.groupBy(gpus, ({ memoryBytes, name }) => `${name}, ${gib(memoryBytes)}`)]
  if (input.exactly === true && kinds.length > 1) return [`the GPUs differ: ${kinds.map(([kind]) => kind).join("; ")}`]
  const most = Math.max(...kinds.map(([, alike]) => alike.length))
  if (most < 2) return [gpus.length === 1 ? "it needs 2 GPUs or more" : "this host has no two GPUs of one kind"]
  const sizes = input.exactly === true ? [most] : Array.from({ length: most - 1 }, (_, index) => index + 2)
  return sizes.flatMap((size) =>
    kinds.flatMap(([, alike]) => (alike.length < size ? [] : [onGpus(id, input, alike.slice(0, size), rule)])),
  )
}

const onGpus = (id: string, input: Input, gpus: ReadonlyArray<Gpu>, { refused, shared }: Rule): Attempt => {
  const cache = gpuKvCache(input.model, input.config)?.bytes
  const need = bytesPerGpu(input.demand, sharedKv(input, shared(gpus.length)), cache)
  const reason = refused(gpus.length) ?? gpus.map((gpu) => unfit(input, gpu, need)).find((each) => each !== undefined)
  return (
    reason ??
    placementOn(
      id,
      gpus.map((gpu) => gpu.id),
    )
  )
}

/** A configured KV cache size holds for each process. */
export const sharedKv = ({ config }: Input, shared: ReturnType<Rule["shared"]>) =>
  config.kvCacheBytes === undefined ? shared : { ...shared, kv: 1 }

/** Weights are in host memory once per process that does not share them; each process has its own of the rest. */
const onProcessor = (id: string, { demand, host }: Input, size: number, { refused, shared }: Rule): Attempt => {
  const reason = refused(size)
  if (reason !== undefined) return reason
  if (size > host.cpu.logicalCores)
    return `${size} processes need a core each, this processor has ${host.cpu.logicalCores}`
  const copies: Readonly<Record<string, number>> = { server: 1, weights: size / shared(size).weights }
  const need = demand.parts.reduce((sum, { bytes, name }) => sum + bytes * (copies[name] ?? size), 0)
  const free = host.devices[0].freeBytes ?? 0
  return need <= free
    ? new Placement({ strategy: id, devices: [CPU], degree: size })
    : `needs ${gib(need)}, host memory has ${gib(free)} free`
}

/** A GPU whose memory is known: vLLM takes a share of it. */
export type Gpu = Device & { readonly memoryBytes: number; readonly freeBytes: number }

const isGpu = (device: Device): device is Gpu =>
  device.kind === "gpu" && device.memoryBytes !== undefined && device.freeBytes !== undefined

/** This host's GPUs, most free memory first. */
export const gpusOf = ({ host }: Input): ReadonlyArray<Gpu> =>
  host.devices.filter(isGpu).toSorted((a, b) => b.freeBytes - a.freeBytes)

/** Why `gpu` can't take its part. vLLM refuses to start where its share of the memory is not free, needed or not. */
export const unfit = ({ config }: Input, gpu: Gpu, need: number): string | undefined => {
  const taken = config.kvCacheBytes === undefined ? Math.ceil(gpu.memoryBytes * config.gpuMemoryUtilization) : need
  if (taken > gpu.freeBytes)
    return config.kvCacheBytes === undefined
      ? `vLLM takes ${gib(taken)} (gpuMemoryUtilization ${config.gpuMemoryUtilization}), ${gpu.name} has ${gib(gpu.freeBytes)} free`
      : `needs ${gib(need)}, ${gpu.name} has ${gib(gpu.freeBytes)} free`
  return need > taken ? `needs ${gib(need)} on each GPU, vLLM may take ${gib(taken)} of ${gpu.name}` : undefined
}

export const placementOn = (strategy: string, [first, ...rest]: ReadonlyArray<DeviceId>): Placement =>
  new Placement({ strategy, devices: [first!, ...rest] })

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`
