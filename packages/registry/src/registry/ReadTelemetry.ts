import type { RunRecord, TelemetryOpening, TelemetryReading } from "@rigbook/core"
import { folderOf, readTelemetry, type Workspace } from "@rigbook/records"
import { Effect } from "effect"

/** The registry has telemetry of this many records, the latest: it is only displayed, and the files are large. */
export const TELEMETRY_RECORDS = 60
/** Readings of an opening that are kept. */
const KEPT = 120

/** A record is written once, and so are the files beside it. */
const known = new WeakMap<RunRecord, ReadonlyArray<TelemetryOpening>>()

/** Telemetry of the latest of these records, thinned, by their ids. An invalid file is left out. */
export const readRegistryTelemetry = Effect.fn("ReadTelemetry.readRegistryTelemetry")(function* (
  workspace: Workspace,
  records: ReadonlyArray<RunRecord>,
) {
  const latest = records
    .filter(({ telemetry }) => telemetry !== undefined)
    .toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
    .slice(0, TELEMETRY_RECORDS)
  const telemetry = new Map<string, ReadonlyArray<TelemetryOpening>>()
  for (const record of latest) {
    const openings =
      known.get(record) ??
      (yield* Effect.orElseSucceed(readTelemetry(folderOf(workspace, record)), () => [])).map(thinned)
    known.set(record, openings)
    telemetry.set(record.id, openings)
  }
  return telemetry
})

/** Of each interval of readings the one with the highest power, else the most memory: people look for peaks. Pure. */
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
    // They refer to positions of readings, which have changed.
    trials: [],
  }
}

const weight = ({ devices = {}, engine }: TelemetryReading): number => {
  const powers = Object.values(devices).flatMap(({ powerW }) => powerW ?? [])
  return powers.length > 0 ? powers.reduce((sum, power) => sum + power, 0) : (engine?.rssBytes ?? 0)
}
