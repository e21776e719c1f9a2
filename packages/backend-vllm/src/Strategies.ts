import { CPU, Placement, Refusal, type Device, type DeviceId, type Strategy, type StrategyInput } from "@rigbook/core"
import { Result } from "effect"
import { bytesPerGpu } from "./Demand.ts"
import type { Options } from "./Options.ts"

type Id = "single" | "tensor" | "pipeline" | "replicas" | "cpu"
type Input = StrategyInput<Options>
type Found = Placement | string
type Split = "tensorParallel" | "pipelineParallel" | "replicas"

/** A strategy from a rule that gives placements, best first, and sentences that say why others are not possible. */
const strategy = (id: Id, rule: (input: Input) => ReadonlyArray<Found>): Strategy<Options> => ({
  id,
  place: (input) => {
    const found = rule(input)
    const [first, ...rest] = found.filter((each) => typeof each !== "string")
    if (first !== undefined) return Result.succeed([first, ...rest])
    const reasons = found.filter((each) => typeof each === "string")
    return Result.fail(
      new Refusal({ strategy: id, reason: [...new Set(reasons)].join("; ") || "this host has no GPU" }),
    )
  },
})

const placement = (id: Id, devices: ReadonlyArray<DeviceId>): Placement =>
  new Placement({ strategy: id, devices: [devices[0]!, ...devices.slice(1)] })

/** The whole model on one GPU, the one with most free memory first. */
export const single = strategy("single", (input) => {
  const asked = askedOtherThan(input.config)
  if (asked !== undefined) return [asked]
  return gpusOf(input).map(
    (gpu) => unfit(input, gpu, bytesPerGpu(input.demand, { weights: 1, kv: 1 })) ?? placement("single", [gpu.id]),
  )
})

/**
 * Every layer shared by 2 or more like GPUs, by as few as possible: each exchange between them takes time. The
 * attention heads have to be divisible (vLLM `config/model.py` verify_with_parallel_config).
 */
export const tensor = strategy("tensor", (input) => {
  const { config, model } = input
  const asked = askedOtherThan(config, "tensorParallel")
  if (asked !== undefined) return [asked]
  return groups(
    input,
    "tensor",
    config.tensorParallel,
    (size) =>
      indivisible(model.heads, size) ??
      bytesPerGpu(input.demand, {
        weights: size,
        // Key and value heads are repeated when there are fewer of them than GPUs; a size that was set is each one's.
        kv: config.kvCacheBytes === undefined ? Math.min(size, model.kvHeads ?? size) : 1,
      }),
  )
})

/** Ranges of layers on 2 or more like GPUs, one after the other: for models whose heads can't be divided. */
export const pipeline = strategy("pipeline", (input) => {
  const { config, model } = input
  const asked = askedOtherThan(config, "pipelineParallel")
  if (asked !== undefined) return [asked]
  return groups(input, "pipeline", config.pipelineParallel, (size) => {
    if (model.layers === undefined) return "the model's files tell no number of layers"
    if (model.layers < size) return `${model.layers} layers are fewer than ${size} GPUs`
    return bytesPerGpu(input.demand, { weights: size, kv: config.kvCacheBytes === undefined ? size : 1 })
  })
})

/** The whole model on each of 2 or more like GPUs, on as many as possible: requests are shared between them. */
export const replicas = strategy("replicas", (input) => {
  const asked = askedOtherThan(input.config, "replicas")
  if (asked !== undefined) return [asked]
  return groups(input, "replicas", input.config.replicas, () =>
    bytesPerGpu(input.demand, { weights: 1, kv: 1 }),
  ).toReversed()
})

/** On the processor, in one process or in `tensorParallel` of them that share each layer. */
export const cpu = strategy("cpu", ({ config, demand, host, model }) => {
  const asked = askedOtherThan(config, "tensorParallel")
  if (asked !== undefined) return [asked]
  const processes = config.tensorParallel ?? 1
  const uneven = processes === 1 ? undefined : indivisible(model.heads, processes)
  if (uneven !== undefined) return [uneven]
  if (processes > host.cpu.logicalCores)
    return [`${processes} processes need a core each, this processor has ${host.cpu.logicalCores}`]
  // Weights are shared, but each process has a KV cache of the configured size and buffers of its own.
  const own = demand.parts.filter(({ name }) => name !== "weights" && name !== "server")
  const need = demand.totalBytes + (processes - 1) * own.reduce((sum, { bytes }) => sum + bytes, 0)
  const free = host.devices[0].freeBytes ?? 0
  return [need <= free ? placement("cpu", [CPU]) : `needs ${gib(need)}, host memory has ${gib(free)} free`]
})

/** In the order in which `auto` tries them: a split only where one GPU is too small, the processor last. */
export const strategies: ReadonlyArray<Strategy<Options>> = [single, tensor, pipeline, replicas, cpu]

/** A GPU whose memory is known: vLLM takes a share of it. */
type Gpu = Device & { readonly memoryBytes: number; readonly freeBytes: number }

const isGpu = (device: Device): device is Gpu =>
  device.kind === "gpu" && device.memoryBytes !== undefined && device.freeBytes !== undefined

const gpusOf = ({ host }: Input): ReadonlyArray<Gpu> =>
  host.devices.filter(isGpu).toSorted((a, b) => b.freeBytes - a.freeBytes)

/** Placements on like GPUs: of the size that was asked for, or of every size, the smallest first. */
const groups = (
  input: Input,
  id: Id,
  asked: number | undefined,
  need: (size: number) => number | string,
): ReadonlyArray<Found> => {
  const kinds = Map.groupBy(gpusOf(input), ({ memoryBytes, name }) => `${name} ${memoryBytes}`)
  const most = Math.max(0, ...[...kinds.values()].map((gpus) => gpus.length))
  if (most < 2) return [most === 0 ? "this host has no GPU" : "this host has no two GPUs of one kind"]
  if (asked === 1) return ["the config asks for one GPU"]
  if (asked !== undefined && asked > most) return [`asked for ${asked} GPUs of one kind, this host has ${most}`]
  const sizes = asked === undefined ? Array.from({ length: most - 1 }, (_, index) => index + 2) : [asked]
  return sizes.flatMap((size) =>
    [...kinds.values()]
      .filter((gpus) => gpus.length >= size)
      .map((gpus) => {
        const bytes = need(size)
        if (typeof bytes === "string") return bytes
        const chosen = gpus.slice(0, size)
        return (
          chosen.map((gpu) => unfit(input, gpu, bytes)).find((reason) => reason !== undefined) ??
          placement(
            id,
            chosen.map((gpu) => gpu.id),
          )
        )
      }),
  )
}

/** Why `gpu` can't take its part. vLLM refuses to start where its share of the memory is not free, needed or not. */
const unfit = ({ config }: Input, gpu: Gpu, need: number): string | undefined => {
  const taken = config.kvCacheBytes === undefined ? Math.ceil(gpu.memoryBytes * config.gpuMemoryUtilization) : need
  if (taken > gpu.freeBytes)
    return config.kvCacheBytes === undefined
      ? `vLLM takes ${gib(taken)} (gpuMemoryUtilization ${config.gpuMemoryUtilization}), ${gpu.name} has ${gib(gpu.freeBytes)} free`
      : `needs ${gib(need)}, ${gpu.name} has ${gib(gpu.freeBytes)} free`
  return need > taken ? `needs ${gib(need)} on each GPU, vLLM may take ${gib(taken)} of ${gpu.name}` : undefined
}

const indivisible = (heads: number | undefined, size: number): string | undefined => {
  if (heads === undefined) return "the model's files tell no number of attention heads"
  return heads % size === 0 ? undefined : `${heads} attention heads can't be divided by ${size}`
}

/** A split that the config asks for belongs to the strategy that makes it. */
const askedOtherThan = (config: Options, own?: Split): string | undefined => {
  const splits: ReadonlyArray<Split> = ["tensorParallel", "pipelineParallel", "replicas"]
  const asked = splits.find((split) => split !== own && (config[split] ?? 1) > 1)
  return asked === undefined ? undefined : `the config asks for ${asked}: ${config[asked]}`
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`
