import {
  clockLimits,
  DeviceId,
  type DeviceProcess,
  type DeviceReading,
  deviceReading,
  type DeviceSource,
  NoTelemetry,
  type Reported,
} from "@rigbook/core"
import { loadLibrary } from "@rigbook/core/engine"
import { Effect, type Scope } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"

const LIBRARY = "libnvidia-ml.so.1"
/** Where drivers install it: Debian, Fedora, others, WSL, NixOS, and where containers mount the host's. */
const FOLDERS = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
  "/usr/lib/wsl/lib",
  "/run/opengl-driver/lib",
  "/usr/local/nvidia/lib64",
]

/** The driver's library on this machine, `undefined` where there is none. */
export const findNvml = (env: Readonly<Record<string, string | undefined>> = process.env): string | undefined =>
  [...(env["LD_LIBRARY_PATH"] ?? "").split(":").filter((folder) => folder !== ""), ...FOLDERS]
    .map((folder) => join(folder, LIBRARY))
    .find((path) => existsSync(path))

const OK = 0
const INSUFFICIENT_SIZE = 7
/** Version 2 of nvmlMemory_t: version 4 B, padding, total, reserved, free, used 8 B each. */
const MEMORY_SIZE = 40
const MEMORY_VERSION = 0x02000028
/** nvmlProcessInfo_t: pid 4 B, padding, bytes 8 B, two instance ids of 4 B. */
const PROCESS_SIZE = 24
const UNTOLD = 2n ** 64n - 1n
const CLOCK_SM = 1
const SENSOR_GPU = 0

type Handle = object
type Call = (...args: ReadonlyArray<unknown>) => number

/**
 * Reads NVIDIA's devices through the driver's own library, by FFI: microseconds a reading, where `nvidia-smi`
 * costs a process. The library stays open until the scope closes.
 */
export const openNvml = Effect.fn("Nvml.openNvml")(function* (
  path: string | undefined,
): Effect.fn.Return<DeviceSource, NoTelemetry, Scope.Scope> {
  const unavailable = (detail: string) => new NoTelemetry({ source: "NVML", detail })
  if (path === undefined) return yield* unavailable(`${LIBRARY} is not installed`)
  const library = yield* Effect.try({
    // Loaded only where such a library exists.
    try: () => loadLibrary(path),
    catch: (cause) => unavailable(cause instanceof Error ? cause.message : String(cause)),
  })
  /** A function of the library; `undefined` if this driver's library does not have it. */
  const find = (name: string, ...args: ReadonlyArray<string>): Call | undefined => {
    try {
      return library.func<Call>(name, "int", ["void *", ...args])
    } catch {
      return undefined // an older driver
    }
  }
  const bare = (name: string): (() => number) => library.func(name, "int", [])
  const textOf: (code: number) => string = library.func("nvmlErrorString", "const char *", ["int"])
  const reasonOf = (code: number): string => `NVML: ${textOf(code)}`
  yield* Effect.acquireRelease(
    Effect.suspend(() => {
      const code = bare("nvmlInit_v2")()
      return code === OK ? Effect.void : Effect.fail(unavailable(textOf(code)))
    }),
    () => Effect.sync(() => void bare("nvmlShutdown")()),
  )
  const functions = {
    memory: find("nvmlDeviceGetMemoryInfo_v2", "void *"),
    utilization: find("nvmlDeviceGetUtilizationRates", "void *"),
    clock: find("nvmlDeviceGetClockInfo", "int", "void *"),
    temperature: find("nvmlDeviceGetTemperature", "int", "void *"),
    power: find("nvmlDeviceGetPowerUsage", "void *"),
    powerCap: find("nvmlDeviceGetEnforcedPowerLimit", "void *"),
    energy: find("nvmlDeviceGetTotalEnergyConsumption", "void *"),
    limits:
      find("nvmlDeviceGetCurrentClocksEventReasons", "void *") ??
      find("nvmlDeviceGetCurrentClocksThrottleReasons", "void *"),
    generation: find("nvmlDeviceGetCurrPcieLinkGeneration", "void *"),
    lanes: find("nvmlDeviceGetCurrPcieLinkWidth", "void *"),
    processes: find("nvmlDeviceGetComputeRunningProcesses_v3", "void *", "void *"),
  }
  const reported = <A>(call: Call | undefined, args: ReadonlyArray<unknown>, value: () => A): Reported<A> => {
    if (call === undefined) return { absent: "NVML: not in this driver's library" }
    const code = call(...args)
    return code === OK ? { value: value() } : { absent: reasonOf(code) }
  }
  const scratch = Buffer.alloc(MEMORY_SIZE)
  const u32 = (): number => scratch.readUInt32LE(0)
  const u64 = (at = 0): number => Number(scratch.readBigUInt64LE(at))
  const count = Buffer.alloc(4)
  let table = Buffer.alloc(PROCESS_SIZE * 64)

  const processesOf = (handle: Handle): Reported<ReadonlyArray<DeviceProcess>> => {
    const ask = () => {
      count.writeUInt32LE(table.length / PROCESS_SIZE)
      return functions.processes?.(handle, count, table)
    }
    let code = ask()
    if (code === INSUFFICIENT_SIZE) {
      table = Buffer.alloc(PROCESS_SIZE * (count.readUInt32LE(0) + 16))
      code = ask()
    }
    // It has been called already: `reported` gets its code.
    return reported(code === undefined ? undefined : () => code, [], () =>
      Array.from({ length: count.readUInt32LE(0) }, (_, index) => {
        const at = index * PROCESS_SIZE
        const bytes = table.readBigUInt64LE(at + 8)
        return { pid: table.readUInt32LE(at), ...(bytes === UNTOLD ? {} : { bytes: Number(bytes) }) }
      }),
    )
  }
  const readDevice = ({ handle, id }: { readonly handle: Handle; readonly id: DeviceId }): DeviceReading => {
    const args = [handle, scratch]
    scratch.writeUInt32LE(MEMORY_VERSION)
    const memory = reported(functions.memory, args, () => ({ free: u64(24), used: u64(32) }))
    const part = (name: "free" | "used"): Reported<number> =>
      "value" in memory ? { value: memory.value[name] } : memory
    return deviceReading(
      id,
      {
        usedBytes: part("used"),
        freeBytes: part("free"),
        utilization: reported(functions.utilization, args, () => u32() / 100),
        smClockMhz: reported(functions.clock, [handle, CLOCK_SM, scratch], u32),
        temperatureC: reported(functions.temperature, [handle, SENSOR_GPU, scratch], u32),
        powerW: reported(functions.power, args, () => u32() / 1000),
        powerCapW: reported(functions.powerCap, args, () => u32() / 1000),
        energyJ: reported(functions.energy, args, () => u64() / 1000),
        limits: reported(functions.limits, args, () => clockLimits(scratch.readBigUInt64LE(0))),
        pcieGeneration: reported(functions.generation, args, u32),
        pcieLanes: reported(functions.lanes, args, u32),
        processes: processesOf(handle),
      },
      "not requested",
    )
  }

  const countOf: Call = library.func("nvmlDeviceGetCount_v2", "int", ["void *"])
  const handleOf: Call = library.func("int nvmlDeviceGetHandleByIndex_v2(uint32_t index, _Out_ void **device)")
  const uuidOf: Call = library.func("nvmlDeviceGetUUID", "int", ["void *", "void *", "uint32_t"])
  const counted = countOf(count)
  if (counted !== OK) return yield* unavailable(textOf(counted))
  const devices = Array.from({ length: count.readUInt32LE(0) }, (_, index) => {
    const handle: Array<Handle | null> = [null]
    const name = Buffer.alloc(96)
    // A device that does not report its name can't be used: the same rule as for nvidia-smi's list.
    if (handleOf(index, handle) !== OK || handle[0] == null || uuidOf(handle[0], name, name.length) !== OK) return []
    return [{ handle: handle[0], id: DeviceId.make(name.toString("utf8", 0, name.indexOf(0))) }]
  }).flat()
  return { name: "NVML", read: () => devices.map(readDevice) }
})
