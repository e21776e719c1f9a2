import { CPU, Device, DeviceId, Host, textSha256 } from "@rigbook/core"
import { ConfigError, decodeAt, readConfigFile } from "@rigbook/records"
import { Effect, Result, Schema } from "effect"

const Count = Schema.Int.check(Schema.isGreaterThan(0))
const MiB = (description: string) =>
  Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).annotate({ description: `${description}, in MiB` })

const Memory = { totalMiB: MiB("Total memory"), freeMiB: MiB("Memory available when nothing else runs") }
const freeWithinTotal = Schema.makeFilter(
  ({ freeMiB, totalMiB }: { readonly freeMiB: number; readonly totalMiB: number }) => freeMiB <= totalMiB,
  { message: "Expected freeMiB to be at most totalMiB" },
)

/** One file of benchmarks/configs/hosts: a machine to plan for, which may be elsewhere. */
export const HostDescription = Schema.Struct({
  /** For people. */
  name: Schema.NonEmptyString,
  cpu: Schema.Struct({ model: Schema.NonEmptyString, logicalCores: Count }),
  memory: Schema.Struct(Memory).check(freeWithinTotal),
  gpus: Schema.Array(
    Schema.Struct({
      name: Schema.NonEmptyString,
      /** GPUs of this kind. */
      count: Count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
      ...Memory,
    }).check(freeWithinTotal),
  ).pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
}).annotate({ identifier: "HostDescription" })
export type HostDescription = typeof HostDescription.Type

const MIB = 2 ** 20

/** The described host. Its GPUs are named by their position: `cuda:0`, `cuda:1` and so on. */
export const describedHost = ({ cpu, gpus, memory, name }: HostDescription): Host => {
  const each = gpus.flatMap(({ count, ...gpu }) => Array.from({ length: count }, () => gpu))
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

/** Reads a description; mistakes are reported with line and column, as a `ConfigError`. */
export const readHostDescription = Effect.fn("HostDescription.readHostDescription")(function* (
  path: string,
  shown: string,
) {
  const file = yield* readConfigFile(path, shown)
  const decoded = file.syntax.length > 0 ? Result.fail(file.syntax) : decodeAt(file, [], HostDescription, file.value)
  if (Result.isSuccess(decoded)) return describedHost(decoded.success)
  const [first, ...rest] = decoded.failure
  return yield* new ConfigError({ issues: [first!, ...rest] })
})
