import { CPU, Device, DeviceId, Host, textSha256 } from "@rigbook/core"
import { ConfigError, decodeAt, readConfigFile } from "@rigbook/records"
import { Effect, Result, Schema } from "effect"
import type { Rates, RatesByName } from "./Rates.ts"

/** Cores, and GPUs of one kind: no machine has more. */
const Count = Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(4096))
/** A pebibyte. */
const MOST_MIB = 2 ** 30
const MiB = (description: string) =>
  Schema.Int.check(Schema.isGreaterThanOrEqualTo(0), Schema.isLessThanOrEqualTo(MOST_MIB)).annotate({
    description: `${description}, in MiB`,
  })

const Rate = (description: string) =>
  Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0)).annotate({ description }))

const BANDWIDTH = "Bytes that its memory gives at most, by its data sheet, in GB/s (10⁹ bytes)"

const Memory = { totalMiB: MiB("Total memory"), freeMiB: MiB("Memory available when nothing else runs") }
const freeWithinTotal = Schema.makeFilter(
  ({ freeMiB, totalMiB }: { readonly freeMiB: number; readonly totalMiB: number }) => freeMiB <= totalMiB,
  { message: "Expected freeMiB to be at most totalMiB" },
)

/** One file of benchmarks/configs/hosts: a machine to plan for, which may be elsewhere. `bandwidthGBs` is in 10⁹ bytes/s. */
export const HostDescription = Schema.Struct({
  /** For people. */
  name: Schema.NonEmptyString,
  cpu: Schema.Struct({ model: Schema.NonEmptyString, logicalCores: Count }),
  memory: Schema.Struct({ ...Memory, bandwidthGBs: Rate(BANDWIDTH) }).check(freeWithinTotal),
  gpus: Schema.Array(
    Schema.Struct({
      name: Schema.NonEmptyString,
      /** GPUs of this kind. */
      count: Count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
      ...Memory,
      bandwidthGBs: Rate(BANDWIDTH),
      tflops: Rate("Dense matrix products in 16 bits with sums in 32, by its data sheet, in 10¹² FLOP/s"),
    }).check(freeWithinTotal),
  ).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
}).annotate({ identifier: "HostDescription" })
export type HostDescription = typeof HostDescription.Type

const MIB = 2 ** 20

/** The described host. Its GPUs are named by their position: `cuda:0`, `cuda:1` and so on. */
export const describedHost = ({ cpu, gpus, memory, name }: HostDescription): Host => {
  const each = gpus.flatMap((gpu) => Array.from({ length: gpu.count }, () => gpu))
  const sizes = ({ freeMiB, totalMiB }: { readonly freeMiB: number; readonly totalMiB: number }) => ({
    memoryBytes: totalMiB * MIB,
    freeBytes: freeMiB * MIB,
  })
  return new Host({
    fingerprint: textSha256(JSON.stringify({ cpu, gpus, memory, name })).slice(0, 12),
    cpu,
    memoryBytes: memory.totalMiB * MIB,
    os: `described: ${name}`,
    kernel: "unknown",
    devices: [
      new Device({ id: CPU, kind: "cpu", name: cpu.model, ...sizes(memory) }),
      ...each.map(
        (gpu, index) =>
          new Device({ id: DeviceId.make(`cuda:${index}`), kind: "gpu", name: gpu.name, index, ...sizes(gpu) }),
      ),
    ],
  })
}

/** What devices of a description can do at most, by their names; the processor by its memory's. */
export const describedRates = ({ cpu, gpus, memory }: HostDescription): RatesByName =>
  new Map([[cpu.model, ratesOf(memory)], ...gpus.map((gpu): readonly [string, Rates] => [gpu.name, ratesOf(gpu)])])

const ratesOf = ({ bandwidthGBs, tflops }: { readonly bandwidthGBs?: number; readonly tflops?: number }): Rates => ({
  ...(bandwidthGBs === undefined ? {} : { bytesPerSecond: bandwidthGBs * 1e9 }),
  ...(tflops === undefined ? {} : { flops: tflops * 1e12 }),
})

/** The host of a description; what is wrong with it is a `ConfigError`, with line and column. */
export const readHostDescription = Effect.fn("HostDescription.readHostDescription")(function* (
  path: string,
  shown: string,
) {
  return describedHost(yield* read(path, shown))
})

/** What the devices of a description can do at most. Fails with `ConfigError` if it is invalid. */
export const readHostRates = Effect.fn("HostDescription.readHostRates")(function* (path: string, shown: string) {
  return describedRates(yield* read(path, shown))
})

const read = Effect.fnUntraced(function* (path: string, shown: string) {
  const file = yield* readConfigFile(path, shown)
  const decoded = file.syntax.length > 0 ? Result.fail(file.syntax) : decodeAt(file, [], HostDescription, file.value)
  if (Result.isSuccess(decoded)) return decoded.success
  const [first, ...rest] = decoded.failure
  return yield* new ConfigError({ issues: [first!, ...rest] })
})
