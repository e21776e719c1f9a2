import {
  type ClockLimit,
  DeviceId,
  type DeviceProcess,
  type DeviceReading,
  deviceReading,
  type DeviceSource,
  NoTelemetry,
  type Reported,
} from "@rigbook/core"
import { type CommandFailed, shortCommand } from "@rigbook/core/engine"
import { Effect, Predicate, Schedule, type Scope } from "effect"
import { amdId } from "./AmdNames.ts"

const SOURCE = "amd-smi"
/** Each reading starts a Python program, twice: more often, it would disturb what is measured. */
const PERIOD = "2 seconds"
/** What it calls MB are MiB: its 196288 MB are the 205822885888 B of rocm-smi. */
const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 }

/** What a GPU reports once: its index, and its power limit. */
export interface AmdGpu {
  readonly gpu: number
  readonly device: DeviceId
  readonly powerCapW: Reported<number>
}

/** The value at a path inside what was printed; `undefined` if the path does not exist. */
export const at = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce((inner, key) => (Predicate.hasProperty(inner, key) ? inner[key] : undefined), value)

/** A number, alone or with its unit: `{ "value": 91, "unit": "%" }`. */
const numberOf = (value: unknown): { readonly value: number; readonly unit: string } | undefined => {
  const inner = Predicate.isObject(value) && !Array.isArray(value) ? at(value, "value") : value
  const unit = at(value, "unit")
  return typeof inner === "number" && Number.isFinite(inner)
    ? { value: inner, unit: typeof unit === "string" ? unit : "" }
    : undefined
}

const reported = (
  gpu: unknown,
  scale: number,
  ...paths: ReadonlyArray<readonly [string, ...ReadonlyArray<string>]>
) => {
  const found = paths.map((path) => at(gpu, ...path))
  for (const one of found) {
    const number = numberOf(one)
    if (number !== undefined) return { value: number.value * scale }
  }
  const text = found.find((one) => typeof one === "string")
  return { absent: text === undefined ? `amd-smi: does not report ${paths[0]!.join(".")}` : `amd-smi: ${text}` }
}

export const bytesAt = (gpu: unknown, ...path: readonly [string, ...ReadonlyArray<string>]): Reported<number> => {
  const unit = numberOf(at(gpu, ...path))?.unit ?? ""
  return reported(gpu, UNITS[unit] ?? 1, path)
}

/** The GPUs of a document: newer versions put them into `gpu_data`, older ones print the list itself. */
export const gpusIn = (json: string): ReadonlyArray<{ readonly gpu: number; readonly of: unknown }> => {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch {
    return [] // a warning or an error in place of JSON
  }
  const list = Array.isArray(parsed) ? parsed : at(parsed, "gpu_data")
  return Array.isArray(list)
    ? list.flatMap((of: unknown) => {
        const gpu = at(of, "gpu")
        return typeof gpu === "number" ? [{ gpu, of }] : []
      })
    : []
}

/**
 * The id of a GPU, from its entries in `amd-smi list` and `amd-smi static --asic`: its runtime's name for it, else what
 * amd-smi calls it.
 */
export const deviceOf = (gpu: number, listed: unknown, about: unknown): DeviceId => {
  const uuid = at(listed, "uuid")
  const other = DeviceId.make(typeof uuid === "string" && uuid !== "N/A" ? `AMD-${uuid}` : `amd:${gpu}`)
  return amdId(at(about, "asic", "asic_serial")) ?? other
}

/** The GPUs by `amd-smi list --json`, with `static --limit` for their power caps and `static --asic` for their ids. */
export const parseAmdGpus = (list: string, limits: string, asics: string): ReadonlyArray<AmdGpu> => {
  const capped = new Map(gpusIn(limits).map(({ gpu, of }) => [gpu, of]))
  const about = new Map(gpusIn(asics).map(({ gpu, of }) => [gpu, of]))
  return gpusIn(list).map(({ gpu, of }) => ({
    gpu,
    device: deviceOf(gpu, of, about.get(gpu)),
    powerCapW: reported(capped.get(gpu), 1, ["limit", "ppt0", "socket_power_limit"], ["limit", "socket_power"]),
  }))
}

/** What `amd-smi metric --json` and `amd-smi process --json` say of each GPU. */
export const parseAmdSmi = (
  gpus: ReadonlyArray<AmdGpu>,
  metric: string,
  process: string,
): ReadonlyArray<DeviceReading> => {
  const metrics = new Map(gpusIn(metric).map(({ gpu, of }) => [gpu, of]))
  const processes = new Map(gpusIn(process).map(({ gpu, of }) => [gpu, of]))
  return gpus.map(({ device, gpu, powerCapW }) => {
    const of = metrics.get(gpu)
    if (of === undefined) return deviceReading(device, {}, "amd-smi: lists no such GPU")
    const energy = reported(of, 1, ["energy", "total_energy_consumption"])
    return deviceReading(
      device,
      {
        usedBytes: bytesAt(of, "mem_usage", "used_vram"),
        freeBytes: bytesAt(of, "mem_usage", "free_vram"),
        utilization: reported(of, 0.01, ["usage", "gfx_activity"]),
        smClockMhz: reported(of, 1, ["clock", "gfx_0", "clk"]),
        temperatureC: reported(of, 1, ["temperature", "edge"], ["temperature", "hotspot"]),
        powerW: reported(of, 1, ["power", "socket_power"]),
        powerCapW,
        // A counter that never started reads 0.
        energyJ: "value" in energy && energy.value === 0 ? { absent: "amd-smi: its counter reads 0" } : energy,
        limits: limitsOf(of),
        pcieGeneration: generationOf(of),
        pcieLanes: reported(of, 1, ["pcie", "width"]),
        processes: processesOf(processes.get(gpu)),
      },
      "amd-smi: does not report it",
    )
  })
}

/** Gigatransfers a second of each PCI Express generation. */
const SPEEDS = [2.5, 5, 8, 16, 32, 64]

const generationOf = (gpu: unknown): Reported<number> => {
  const speed = reported(gpu, 1, ["pcie", "speed"])
  if ("absent" in speed) return speed
  const index = SPEEDS.indexOf(speed.value)
  return index === -1
    ? { absent: `amd-smi: ${speed.value} GT/s matches no PCI Express generation` }
    : { value: index + 1 }
}

/** Reasons for throttling, by their names in `throttle`. */
const VIOLATIONS: Readonly<Record<string, ClockLimit>> = {
  ppt_violation_status: "power-cap",
  prochot_violation_status: "hw-slowdown",
  socket_thermal_violation_status: "hw-thermal",
  vr_thermal_violation_status: "hw-thermal",
  hbm_thermal_violation_status: "hw-thermal",
}

const limitsOf = (gpu: unknown): Reported<ReadonlyArray<ClockLimit>> => {
  const states = Object.entries(VIOLATIONS).map(([name, limit]) => ({ limit, state: at(gpu, "throttle", name) }))
  const known = states.filter(({ state }) => state === "ACTIVE" || state === "NOT ACTIVE")
  if (known.length > 0)
    return { value: [...new Set(known.flatMap(({ limit, state }) => (state === "ACTIVE" ? [limit] : [])))] }
  // Many drivers always report throttling, and never the reason.
  const whether = at(gpu, "power", "throttle_status")
  return { absent: `amd-smi: ${typeof whether === "string" ? `${whether}, without a reason` : "does not report it"}` }
}

/** Its list has a sentence in place of processes if there are none. */
const processesOf = (gpu: unknown): Reported<ReadonlyArray<DeviceProcess>> => {
  const list = at(gpu, "process_list")
  if (!Array.isArray(list)) return { absent: "amd-smi: lists no processes" }
  return {
    value: list.flatMap((entry: unknown): ReadonlyArray<DeviceProcess> => {
      const info = at(entry, "process_info")
      const pid = at(info, "pid")
      if (typeof pid !== "number") return []
      const bytes = [bytesAt(info, "memory_usage", "vram_mem"), bytesAt(info, "vram_mem"), bytesAt(info, "mem_usage")]
      const found = bytes.find((one) => "value" in one)
      return [{ pid, ...(found !== undefined && "value" in found ? { bytes: found.value } : {}) }]
    }),
  }
}

/** Reads AMD's devices by running `amd-smi` every two seconds until the scope closes. */
export const openAmdSmi: Effect.Effect<DeviceSource, NoTelemetry, Scope.Scope> = Effect.gen(function* () {
  const fail = (detail: string) => new NoTelemetry({ source: SOURCE, detail })
  const failed = (error: CommandFailed) => fail(error.missing ? "not installed" : error.message)
  const ask = (...args: ReadonlyArray<string>) =>
    shortCommand("amd-smi", [...args, "--json"]).pipe(Effect.map(({ stdout }) => stdout))
  // Only virtual machines can't read the limits; the rest can be read there.
  const limits = yield* Effect.orElseSucceed(ask("static", "--limit"), () => "")
  const asics = yield* Effect.orElseSucceed(ask("static", "--asic", "--driver"), () => "")
  const gpus = parseAmdGpus(yield* Effect.mapError(ask("list"), failed), limits, asics)
  if (gpus.length === 0) return yield* fail("it lists no device")
  const once = Effect.zipWith(
    ask("metric"),
    Effect.orElseSucceed(ask("process"), () => ""),
    (metric, process) => parseAmdSmi(gpus, metric, process),
  )
  let latest = yield* Effect.mapError(once, failed)
  yield* once.pipe(
    Effect.match({
      onSuccess: (readings) => void (latest = readings),
      onFailure: (error) =>
        void (latest = latest.map(({ device }) => deviceReading(device, {}, `amd-smi: ${error.message}`))),
    }),
    Effect.repeat(Schedule.spaced(PERIOD)),
    Effect.forkScoped,
  )
  return { name: SOURCE, read: () => latest }
})
