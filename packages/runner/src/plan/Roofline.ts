import {
  type AnyComplete,
  bytesOf,
  CPU,
  type Device,
  type Host,
  type ModelFacts,
  type Placement,
  type Scenario,
} from "@rigbook/core"
import type { RatesByName } from "../host/Rates.ts"
import type { Known } from "./Known.ts"

/** A model that writes, where it lies. */
export interface Writer<R = never> {
  readonly backend: AnyComplete<R>
  /** The backend's options, decoded. */
  readonly options: unknown
  readonly model: ModelFacts
  readonly scenario: Scenario
  readonly host: Host
  readonly placement: Placement
}

/** What a device reads and computes for each token of one request. */
export interface Work {
  readonly device: Device
  /** Weights, and what is kept of the tokens before. */
  readonly bytes: number
  readonly flops: number
}

/** Strategies by which all devices work on each layer at once; by others one layer follows the other. */
const AT_ONCE = new Set(["row", "tensor", "expert"])

/**
 * Bytes of the weights that are read for each token: of the experts those that it goes through, of the table of tokens
 * one row, unless the scores are made with it. `undefined` where that is not known.
 */
export const readBytes = (model: ModelFacts): number | undefined => {
  const { experts, expertsUsed, layers = Infinity, nextTokenLayers = 0, tensorBytes, weightBytes } = model
  if (tensorBytes === undefined) return experts === undefined ? weightBytes : undefined
  if (experts !== undefined && (expertsUsed === undefined || tensorBytes.experts === undefined)) return undefined
  const trunk = (all: ReadonlyArray<number> = []) => sum(all.slice(0, layers - nextTokenLayers))
  const idle = experts === undefined ? 0 : 1 - expertsUsed! / experts
  const table = tensorBytes.tied ? (tensorBytes.table ?? tensorBytes.input) : 0
  return trunk(tensorBytes.layers) - idle * trunk(tensorBytes.experts) + tensorBytes.output + table
}

/** What each device does for a token with `depth` tokens before it; or why that is not known. Pure. */
export const workOf = <R>(writer: Writer<R>, depth: number): Known<ReadonlyArray<Work>> => {
  const { backend, host, model, options, placement, scenario } = writer
  const { experts = 1, expertsUsed = experts } = model
  if (placement.strategy === "replicas") return { absent: "each copy answers requests of its own" }
  const stored = readBytes(model)
  const cache = backend.cacheBytes?.(model, options, depth)
  if (stored === undefined) return { absent: "which of the weights a token needs is not known" }
  if (cache === undefined) return { absent: "what is kept of each token is not known" }
  const demand = backend.demandOf({ model, config: options, scenario, host, placement })
  const named = (name: string) => demand.map(({ parts }) => bytesOf(parts.filter((part) => part.name === name)))
  const weights = named("weights")
  if (sum(weights) === 0) return { absent: "where the weights lie is not known" }
  const beside = named("experts").map((bytes) => (bytes * expertsUsed) / experts)
  const kept = named("KV cache")
  // An engine may keep them in another type than the files do: then their bytes are those in memory.
  const isApart = sum(named("embedding")) > 0
  const read = (isApart ? stored : (stored * sum(weights)) / model.weightBytes) - sum(beside)
  const shareOf = (of: ReadonlyArray<number>, index: number) => of[index]! / sum(of)
  const work = demand.flatMap(({ device: id }, index): ReadonlyArray<Work> => {
    const device = host.devices.find((each) => each.id === id)
    const own = read * shareOf(weights, index) + beside[index]!
    if (device === undefined || own === 0) return []
    const bytes = own + cache * shareOf(sum(kept) > 0 ? kept : weights, index)
    return [{ device, bytes, flops: (2 * own * 8) / model.bitsPerWeight }]
  })
  return { value: work }
}

/** How a token's time follows from what the devices do. */
export interface Roofline {
  /** Seconds for a token that is written. */
  readonly written: number
  /** Seconds for a token of a prompt, many of which share one reading of the weights; left out where no FLOP/s are known. */
  readonly prompt?: number
}

/**
 * The least time that a token takes: no memory gives more bytes, and no device computes more, than its data sheet says.
 * `undefined` where the bandwidth of a device is not known. Pure.
 */
export const roofline = (
  work: ReadonlyArray<Work>,
  { strategy }: Placement,
  rates: RatesByName,
): Roofline | undefined => {
  const times = work.map(({ bytes, device, flops }) => {
    const { bytesPerSecond, flops: most } = rates.get(device.name) ?? {}
    const computing = most === undefined ? undefined : flops / most
    return { reading: bytesPerSecond === undefined ? undefined : bytes / bytesPerSecond, computing }
  })
  const together = (all: ReadonlyArray<number>) => (AT_ONCE.has(strategy) ? Math.max(...all) : sum(all))
  const reading = times.flatMap(({ computing = 0, reading: each }) =>
    each === undefined ? [] : [Math.max(each, computing)],
  )
  if (reading.length < work.length || work.length === 0) return undefined
  const computing = times.flatMap((each) => each.computing ?? [])
  return {
    written: together(reading),
    ...(computing.length < work.length ? {} : { prompt: together(computing) }),
  }
}

/**
 * What engines reach: a share of the bandwidth, and seconds for each layer that no bandwidth explains. By published
 * measurements of llama.cpp, which lie between the first and the last: see test/expected-speed.test.ts.
 */
export const PUBLISHED = {
  low: { share: 0.45, layer: 100e-6 },
  middle: { share: 0.75, layer: 50e-6 },
  high: { share: 0.95, layer: 20e-6 },
} as const

/** Seconds for a token that is written, as engines are. */
export const typicalSeconds = (
  { written }: Roofline,
  { layers = 0 }: Pick<ModelFacts, "layers">,
  which: keyof typeof PUBLISHED,
): number => written / PUBLISHED[which].share + layers * PUBLISHED[which].layer

/** Whether all of the work is done by one device. */
export const isAlone = (work: ReadonlyArray<Work>): boolean => work.length === 1

/** The devices by what they are, and how they share the work: of equal ones, speeds can be compared. */
export const rigOf = (work: ReadonlyArray<Work>, { strategy }: Placement, { cpu }: Host): string =>
  JSON.stringify([
    strategy,
    ...work.map(({ device }) => (device.id === CPU ? `${device.name} × ${cpu.logicalCores}` : device.name)),
  ])

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)
