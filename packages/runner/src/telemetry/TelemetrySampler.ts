import type { DeviceProcess, DeviceReading, DeviceValues, Sample, TelemetryReading } from "@rigbook/core"
import { appendTelemetry, type TelemetryLine } from "@rigbook/records"
import { Clock, DateTime, Effect, type FileSystem, type PlatformError, type Scope } from "effect"
import { existsSync } from "node:fs"
import { MemoryReader } from "../host/MemorySampler.ts"
import { UsageReader } from "../host/UsageReader.ts"
import type { OpenSources } from "../vendors/DeviceSources.ts"

const PERIOD_MS = 100
/** Finding the tree costs milliseconds on a busy machine, and counters of the whole machine matter over seconds. */
const SLOW_PERIOD_MS = 2_000

export interface TelemetrySampler {
  /** From now on the trees of these processes are the engine. */
  readonly watch: (
    roots: ReadonlyArray<number>,
  ) => Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem>
  /** Runs a trial with a reading at its very start and end, and then writes what was read. */
  readonly during: <A, E, R>(
    trial: Pick<Sample, "phase" | "trial">,
    effect: Effect.Effect<A, E, R>,
  ) => Effect.Effect<A, E | PlatformError.PlatformError, R | FileSystem.FileSystem>
}

/**
 * Reads devices, the engine's processes and the machine ten times a second until the scope closes, from now on: the
 * first reading is of devices that the engine has not touched. Nothing is written while a trial runs.
 */
export const sampleTelemetry = Effect.fn("TelemetrySampler.sampleTelemetry")(function* (
  folder: string,
  opening: number,
  { problems, sources }: OpenSources,
): Effect.fn.Return<TelemetrySampler, PlatformError.PlatformError, Scope.Scope | FileSystem.FileSystem> {
  const clock = yield* Clock.Clock
  const memory = yield* MemoryReader
  const usage = yield* UsageReader
  const at = DateTime.formatIso(yield* DateTime.now)
  const origin = clock.monotonicTimeNanosUnsafe()
  const now = (): number => Number(clock.monotonicTimeNanosUnsafe() - origin) / 1e6
  const pending: Array<TelemetryLine> = [{ kind: "begin", schema: 1, opening, at, periodMs: PERIOD_MS, problems }]
  const reportedAbsent = new Map<string, string>()
  const cpuOf = new Map<number, number>()
  let roots: ReadonlyArray<number> = []
  let tree: ReadonlyArray<number> = []
  let treeAtMs = -Infinity
  let hostAtMs = -Infinity

  /** What the engine has used so far: processes that have ended still count, with their last reading. */
  const engine = (): TelemetryReading["engine"] => {
    let rssBytes = 0
    let threads = 0
    for (const pid of tree) {
      const use = usage.process(pid)
      const bytes = memory.resident(pid)
      if (use === undefined || bytes === undefined) continue // it has ended, reaped or not
      cpuOf.set(pid, use.cpuMs)
      threads += use.threads
      rssBytes += bytes
    }
    if (threads === 0) return undefined
    return { cpuMs: [...cpuOf.values()].reduce((sum, cpuMs) => sum + cpuMs, 0), rssBytes, threads }
  }
  const ownerOf = (pid: number): NonNullable<DeviceProcess["owner"]> =>
    tree.includes(pid) ? "ours" : existsSync(`/proc/${pid}`) ? "foreign" : "unknown"
  const device = (source: string, { absent, device: id, values }: DeviceReading): readonly [string, DeviceValues] => {
    const line: TelemetryLine = { kind: "device", device: id, source, absent: { ...absent } }
    const text = JSON.stringify(line)
    if (reportedAbsent.get(id) !== text) pending.push(line)
    reportedAbsent.set(id, text)
    const { processes } = values
    if (processes === undefined) return [id, values]
    return [id, { ...values, processes: processes.map((process) => ({ ...process, owner: ownerOf(process.pid) })) }]
  }
  const read = (dueMs?: number): void => {
    const atMs = round(now())
    if (atMs - treeAtMs >= SLOW_PERIOD_MS) {
      tree = memory.tree(roots)
      treeAtMs = atMs
    }
    // A reading that an event requested is the edge of an interval over which differences are taken.
    const withHost = dueMs === undefined || atMs - hostAtMs >= SLOW_PERIOD_MS
    const host = withHost ? usage.host() : undefined
    if (withHost) hostAtMs = atMs
    const { cpuMs, loopMs } = usage.own()
    const used = engine()
    const devices = sources.flatMap(({ name, read: readSource }) => readSource().map((one) => device(name, one)))
    pending.push({
      kind: "reading",
      atMs,
      ...(dueMs === undefined ? {} : { lateMs: round(Math.max(0, atMs - dueMs)) }),
      own: { cpuMs: round(cpuMs), loopMs: round(loopMs) },
      ...(host === undefined ? {} : { host }),
      ...(used === undefined ? {} : { engine: used }),
      ...(devices.length === 0 ? {} : { devices: Object.fromEntries(devices) }),
    })
  }
  const write = Effect.suspend(() => appendTelemetry(folder, pending.splice(0)))
  const sampling = Effect.gen(function* () {
    for (let dueMs = PERIOD_MS; ; dueMs = nextBeat(dueMs, now())) {
      yield* Effect.sleep(Math.max(0, dueMs - now()))
      read(dueMs)
    }
  })

  read()
  yield* write
  // A failing write is reported by the journal's next one; nothing here could report it.
  yield* Effect.addFinalizer(() => Effect.ignore(write))
  yield* Effect.forkScoped(sampling)
  return {
    watch: (pids) => {
      roots = pids
      treeAtMs = -Infinity
      read()
      return write
    },
    during: ({ phase, trial }, effect) =>
      Effect.suspend(() => {
        pending.push({ kind: "trial", phase, trial })
        read()
        return effect
      }).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            read()
            pending.push({ kind: "trial-end" })
          }),
        ),
        Effect.tap(() => write),
      ),
  }
})

/** After a late reading the missed ones are left out: readings stay at multiples of the period since the start. */
export const nextBeat = (dueMs: number, nowMs: number): number =>
  PERIOD_MS * (1 + Math.floor(Math.max(dueMs, nowMs) / PERIOD_MS))

const round = (ms: number): number => Math.round(ms * 100) / 100
