import {
  DeviceId,
  type DeviceProcess,
  deviceReading,
  type DeviceSource,
  NoTelemetry,
  type ReportedFields,
} from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect, Schedule, type Scope } from "effect"
import { existsSync } from "node:fs"
import { parseSmiLine, parseSmiProcess, smiColumns } from "./SmiReadings.ts"

const SOURCE = "nvidia-smi"
const PERIOD_MS = 100
const PROCESSES_PERIOD_MS = 1_000
/** The longest that a timer can wait, 24 days: the children run as long as their scope. */
const FOREVER_MS = 2 ** 31 - 1
/** A process that was not listed for this long has ended. */
const STALE_MS = 2.5 * PROCESSES_PERIOD_MS

interface Listed {
  readonly device: string
  readonly process: DeviceProcess
  readonly at: number
  /** Whether it was one of this machine's processes, by its number here, when it was listed. */
  readonly isHere: boolean
}

const isRunning = ({ pid }: DeviceProcess): boolean => existsSync(`/proc/${pid}`)

/**
 * Reads NVIDIA's devices if their library can't be loaded: from two `nvidia-smi` processes that run as long as the
 * scope and print repeatedly, since starting one costs milliseconds. Ready when the first line has arrived.
 */
export const openNvidiaSmi: Effect.Effect<DeviceSource, NoTelemetry, Scope.Scope> = Effect.gen(function* () {
  const fail = (detail: string) => new NoTelemetry({ source: SOURCE, detail })
  const { stdout: help } = yield* shortCommand("nvidia-smi", ["--help-query-gpu"]).pipe(
    Effect.mapError((error) => fail(error.missing ? "not installed" : error.message)),
  )
  const columns = smiColumns(help)
  const devices = new Map<string, ReportedFields>()
  const processes = new Map<string, Listed>()
  const ended: { devices?: string; processes?: string } = {}
  const keepPrinting = (what: keyof typeof ended, query: string, periodMs: number, onLine: (line: string) => void) =>
    shortCommand("nvidia-smi", [query, "--format=csv,noheader,nounits", "-lms", String(periodMs)], {
      timeoutMs: FOREVER_MS,
      onLine,
    }).pipe(
      Effect.match({
        onSuccess: () => "ended without an error",
        onFailure: ({ message, output }) => [message, output.trim().split("\n")[0]].filter(Boolean).join(": "),
      }),
      Effect.map((reason) => void (ended[what] = `nvidia-smi: ${reason}`)),
      Effect.forkScoped,
    )
  yield* keepPrinting(
    "devices",
    `--query-gpu=${["uuid", ...columns.map(({ name }) => name)].join(",")}`,
    PERIOD_MS,
    (line) => {
      const found = parseSmiLine(columns, line)
      if (found !== undefined) devices.set(found.device, found.reported)
    },
  )
  yield* keepPrinting("processes", "--query-compute-apps=gpu_uuid,pid,used_memory", PROCESSES_PERIOD_MS, (line) => {
    const found = parseSmiProcess(line)
    if (found === undefined) return
    const { device, process } = found
    processes.set(`${device} ${process.pid}`, { ...found, at: performance.now(), isHere: isRunning(process) })
  })
  const first = Effect.suspend(() =>
    devices.size > 0 || ended.devices !== undefined ? Effect.void : Effect.fail(fail("it printed no line in 5 s")),
  )
  yield* first.pipe(Effect.retry({ schedule: Schedule.spaced("50 millis"), times: 100 }))
  if (devices.size === 0) return yield* fail(ended.devices?.replace(/^nvidia-smi: /, "") ?? "it lists no device")
  const processesOf = (device: string) =>
    [...processes.values()]
      .filter((observed) => observed.device === device && observed.at > performance.now() - STALE_MS)
      // The engine of the cell before has ended: the next one must not find it.
      .filter(({ isHere, process }) => !isHere || isRunning(process))
      .map(({ process }) => process)
  return {
    name: SOURCE,
    read: () =>
      [...devices].map(([id, reported]) =>
        ended.devices === undefined
          ? deviceReading(
              DeviceId.make(id),
              {
                ...reported,
                processes: ended.processes === undefined ? { value: processesOf(id) } : { absent: ended.processes },
              },
              "nvidia-smi: does not report it",
            )
          : deviceReading(DeviceId.make(id), {}, ended.devices),
      ),
  }
})
