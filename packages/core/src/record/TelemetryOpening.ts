import { Schema } from "effect"
import { DeviceValues } from "../host/DeviceReading.ts"
import { DeviceId } from "../host/Host.ts"

/** What was read at one moment. Counters only grow: use over an interval is a difference. */
export const TelemetryReading = Schema.Struct({
  kind: Schema.Literal("reading"),
  /** Milliseconds on the monotonic clock since this opening's telemetry began. */
  atMs: Schema.Finite,
  /**
   * By how much our event loop was late for this reading, in milliseconds; left out of readings that an event
   * requested.
   */
  lateMs: Schema.optionalKey(Schema.Finite),
  /** This process: its processor time, and the time in which its event loop was not idle. */
  own: Schema.Struct({ cpuMs: Schema.Finite, loopMs: Schema.Finite }),
  /** All cores of the machine: busy time, and all time. */
  host: Schema.optionalKey(Schema.Struct({ busyMs: Schema.Finite, totalMs: Schema.Finite })),
  /** The engine's process tree: processor time, resident bytes, threads. */
  engine: Schema.optionalKey(Schema.Struct({ cpuMs: Schema.Finite, rssBytes: Schema.Finite, threads: Schema.Finite })),
  devices: Schema.optionalKey(Schema.Record(DeviceId, DeviceValues)),
})

export type TelemetryReading = typeof TelemetryReading.Type

/** What a trial is for: warm-ups are kept and not counted. */
export const Phase = Schema.Literals(["warmup", "measured"])

/** Telemetry of one opening of the engine. */
export interface TelemetryOpening {
  /** Its number, from 0. */
  readonly opening: number
  readonly at: string
  readonly periodMs: number
  readonly problems: ReadonlyArray<string>
  /** What read each device, and what it did not report at the last reading. */
  readonly devices: ReadonlyMap<string, { readonly source: string; readonly absent: Readonly<Record<string, string>> }>
  /** The first one was taken before the engine was started. */
  readonly readings: ReadonlyArray<TelemetryReading>
  /**
   * Trials that ended, `trial` from 0 in its phase, by the places of their `first` and `last` reading in `readings`.
   */
  readonly trials: ReadonlyArray<{
    readonly phase: typeof Phase.Type
    readonly trial: number
    readonly first: number
    readonly last: number
  }>
}
