import type { RunRecord, TelemetryOpening, TelemetryReading } from "@rigbook/core"
import { readTelemetry } from "@rigbook/records"
import { Effect } from "effect"
import { join } from "node:path"

/** Of so many records, the latest, the registry has telemetry: it is for looking at, and the files are large. */
export const TELEMETRY_RECORDS = 60
/** Readings of an opening that are kept. */
const KEPT = 120

/** A record is written once, and so is what lies beside it. */
const known = new WeakMap<RunRecord, ReadonlyArray<TelemetryOpening>>()

/** What was read while the latest of these records were measured, thinned, by their ids. A file that is broken is left out. */
export const readRegistryTelemetry = Effect.fn("ReadTelemetry.readRegistryTelemetry")(function* (
  raw: string,
  records: ReadonlyArray<RunRecord>,
) {
  const latest = records
    .filter(({ telemetry }) => telemetry !== undefined)
    .toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
    .slice(0, TELEMETRY_RECORDS)
  const telemetry = new Map<string, ReadonlyArray<TelemetryOpening>>()
  for (const record of latest) {
    const openings =
      known.get(record) ?? (yield* Effect.orElseSucceed(readTelemetry(join(raw, record.id)), () => [])).map(thinned)
    known.set(record, openings)
    telemetry.set(record.id, openings)
  }
  return telemetry
})

/** Of each stretch of readings the one with the most power, else the most memory: a peak is what people look for. Pure. */
export const thinned = (opening: TelemetryOpening): TelemetryOpening => {
  const { readings } = opening
  const step = Math.ceil(readings.length / KEPT)
  if (step <= 1) return opening
  return {
    ...opening,
    readings: Array.from({ length: Math.ceil(readings.length / step) }, (_, index) =>
      readings
        .slice(index * step, (index + 1) * step)
        .reduce((most, reading) => (weight(reading) > weight(most) ? reading : most)),
    ),
    // They are by the places of readings, which are others now.
    trials: [],
  }
}

const weight = ({ devices = {}, engine }: TelemetryReading): number => {
  const powers = Object.values(devices).flatMap(({ powerW }) => powerW ?? [])
  return powers.length > 0 ? powers.reduce((sum, power) => sum + power, 0) : (engine?.rssBytes ?? 0)
}
