import {
  absent,
  areaOf,
  type DeviceField,
  type DeviceId,
  type DeviceValues,
  engineBytes,
  meanOverTime,
  type Measured,
  measured,
  type Metric,
  seriesOf,
  type TrialTelemetry,
} from "@rigbook/core"
import { accountOf, countHolds } from "./TokenAccount.ts"

type Series = ReturnType<typeof seriesOf>
interface Reported {
  readonly device: DeviceId
  readonly series: Series
}

/*
 * What GPUs report, over a trial: the largest reading, the mean over time, or a difference. Sources: NVML API
 * reference (memory info, utilization rates, total energy consumption), ROCm SMI; proc(5) for the processor's time.
 */

const metric = { tasks: ["generate", "embed"], better: "lower" } as const

/** A figure from the readings of the placement's GPUs during the trial; absent if one of them does not report it. */
const ofGpus = (
  telemetry: TrialTelemetry | undefined,
  field: DeviceField,
  value: (values: DeviceValues) => number | undefined,
  figure: (reported: ReadonlyArray<Reported>, telemetry: TrialTelemetry) => Measured,
): Measured => {
  if (telemetry === undefined) return absent("no telemetry was taken")
  const { placed, readings, whyAbsent } = telemetry
  if (placed.length === 0) return absent("the placement has no GPU")
  const reported = placed.map((device) => ({ device, series: seriesOf(readings, device, value) }))
  const silent = reported.find(({ series }) => series.length === 0)
  return silent === undefined ? figure(reported, telemetry) : absent(whyAbsent(silent.device, field))
}

const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)
const mean = (values: ReadonlyArray<number>): number => sum(values) / values.length
const maximum = ({ series }: Reported): number => series.reduce((most, { value }) => Math.max(most, value), -Infinity)

/** What a device held before the engine was started: the rest is what the engine added. */
const aboveIdle =
  (of: (reported: Reported) => number) =>
  (reported: ReadonlyArray<Reported>, { idle }: TrialTelemetry): Measured => {
    const added = reported.map((one) => {
      const before = idle.devices?.[one.device]?.usedBytes
      return before === undefined ? undefined : of(one) - before
    })
    const known = added.filter((bytes) => bytes !== undefined)
    return known.length === added.length
      ? measured(sum(known))
      : absent("memory in use before the engine started is unknown")
  }

const usedBytes = ({ usedBytes: bytes }: DeviceValues) => bytes

/** Device memory in use beyond what was in use before the engine started: largest in the trial, over all GPUs. */
export const vramPeak: Metric = {
  ...metric,
  id: "vram_used_delta",
  title: "Peak device memory",
  definition: "largest use of the GPUs' memory in a trial minus that before the engine started, all GPUs together",
  unit: "B",
  roles: ["compared"],
  measure: (_, telemetry) => ofGpus(telemetry, "usedBytes", usedBytes, aboveIdle(maximum)),
}

/** The same, averaged over time. */
export const vramMean: Metric = {
  ...metric,
  id: "vram_used_delta_mean",
  title: "Mean device memory",
  definition: "mean use of the GPUs' memory in a trial minus that before the engine started, all GPUs together",
  unit: "B",
  roles: ["compared"],
  measure: (_, telemetry) =>
    ofGpus(
      telemetry,
      "usedBytes",
      usedBytes,
      aboveIdle(({ series }) => meanOverTime(series)),
    ),
}

/** Device memory of the engine's own processes, by the driver's list of them: includes their CUDA contexts. */
export const vramProcess: Metric = {
  ...metric,
  id: "vram_proc",
  title: "Peak device memory of the engine's processes",
  definition: "largest device memory that the driver lists for the engine's processes in a trial, all GPUs together",
  unit: "B",
  roles: ["compared"],
  measure: (_, telemetry) => {
    const figure = ofGpus(telemetry, "processes", engineBytes, (reported) => measured(sum(reported.map(maximum))))
    const listed = telemetry?.placed.some((device) =>
      telemetry.readings.some(({ devices }) => devices?.[device]?.processes),
    )
    return "absent" in figure && listed === true
      ? absent("the driver lists no process of the engine with its memory (another PID namespace?)")
      : figure
  },
}

/** How long the GPUs were busy: not how well they were used. */
export const gpuUtilization: Metric = {
  ...metric,
  id: "gpu_util",
  title: "GPU utilization",
  definition: "mean share of time in which some kernel ran, as the driver counts it, over the trial and all GPUs",
  unit: "%",
  better: "higher",
  roles: ["compared"],
  measure: (_, telemetry) =>
    ofGpus(
      telemetry,
      "utilization",
      ({ utilization }) => utilization,
      (reported) => measured(100 * mean(reported.map(({ series }) => meanOverTime(series)))),
    ),
}

export const smClock: Metric = {
  ...metric,
  id: "sm_clock",
  title: "SM clock",
  definition: "mean clock of the GPUs' multiprocessors in a trial",
  unit: "MHz",
  better: "higher",
  roles: ["compared"],
  measure: (_, telemetry) =>
    ofGpus(
      telemetry,
      "smClockMhz",
      ({ smClockMhz }) => smClockMhz,
      (reported) => measured(mean(reported.map(({ series }) => meanOverTime(series)))),
    ),
}

export const power: Metric = {
  ...metric,
  id: "power_gpu_sensor",
  title: "Power by the GPUs' sensors",
  definition: "mean power in a trial by the GPUs' own sensors, all GPUs together; not that of the machine",
  unit: "W",
  roles: ["compared"],
  measure: (_, telemetry) =>
    ofGpus(
      telemetry,
      "powerW",
      ({ powerW }) => powerW,
      (reported) => measured(sum(reported.map(({ series }) => meanOverTime(series)))),
    ),
}

/** Sensors sample part of the time and counters move in steps: below this, the sensor would decide the figure. */
const LEAST_ENERGY_MS = 5_000

/** By the energy counter where there is one, else by the integral of power. Idle power is in it. */
export const energyPerOutputToken: Metric = {
  id: "energy_per_output_token_gpu_sensor",
  title: "Energy per output token by the GPUs' sensors",
  definition:
    "energy in a trial by the GPUs' own sensors, that of idling included, / output tokens; not that of the machine, and only of trials of 5 s and more",
  unit: "J/token",
  better: "lower",
  tasks: ["generate"],
  roles: ["compared"],
  ofLength: true,
  measure: ({ requests }, telemetry) => {
    const counter = ofGpus(
      telemetry,
      "energyJ",
      ({ energyJ }) => energyJ,
      (reported) => measured(sum(reported.map(({ series }) => series.at(-1)!.value - series[0]!.value))),
    )
    const energy =
      "value" in counter
        ? counter
        : ofGpus(
            telemetry,
            "powerW",
            ({ powerW }) => powerW,
            (reported) => measured(sum(reported.map(({ series }) => areaOf(series) / 1000))),
          )
    if ("absent" in energy || telemetry === undefined) return energy
    if (requests.some((request) => !countHolds(accountOf(request))))
      return absent("the engine's token count differs from the tokens in its chunks")
    const tokens = sum(requests.map(({ outputTokens = 0 }) => outputTokens))
    if (tokens === 0) return absent("the engine reported no output tokens")
    const lastedMs = telemetry.readings.at(-1)!.atMs - telemetry.readings[0]!.atMs
    if (lastedMs < LEAST_ENERGY_MS) return absent("a trial took less than the 5 s that such sensors need")
    return measured(energy.value / tokens)
  },
}

const temperature = (id: string, title: string, definition: string, of: (reported: Reported) => number): Metric => ({
  ...metric,
  id,
  title,
  definition: `${definition}, the hottest GPU`,
  unit: "°C",
  roles: ["compared"],
  measure: (_, telemetry) =>
    ofGpus(
      telemetry,
      "temperatureC",
      ({ temperatureC }) => temperatureC,
      (reported) => measured(Math.max(...reported.map(of))),
    ),
})

export const temperatureStart = temperature(
  "temperature_start",
  "GPU temperature at the start",
  "temperature when a trial began",
  ({ series }) => series[0]!.value,
)
export const temperatureEnd = temperature(
  "temperature_end",
  "GPU temperature at the end",
  "temperature when a trial ended",
  ({ series }) => series.at(-1)!.value,
)
export const temperatureMax = temperature(
  "temperature_max",
  "Highest GPU temperature",
  "highest temperature while a trial ran",
  maximum,
)

/** Processor time of the engine's process tree over the trial's time: how many cores it kept busy. */
export const processorUse: Metric = {
  ...metric,
  id: "cpu_cores",
  title: "Processor use",
  definition: "processor time of the engine's process tree / time of the trial: 2 is two cores busy all the time",
  unit: "cores",
  roles: ["compared"],
  measure: (_, telemetry) => {
    if (telemetry === undefined) return absent("no telemetry was taken")
    const reported = telemetry.readings.filter(({ engine }) => engine !== undefined)
    const [first, last] = [reported[0], reported.at(-1)]
    if (first === undefined || last === undefined || last.atMs === first.atMs)
      return absent("no process of the engine could be read from /proc")
    return measured((last.engine!.cpuMs - first.engine!.cpuMs) / (last.atMs - first.atMs))
  },
}
