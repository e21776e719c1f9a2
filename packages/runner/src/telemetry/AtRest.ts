import type { DeviceId, DeviceReading } from "@rigbook/core"
import { Effect, Schedule } from "effect"
import { type OpenSources, readDevices } from "../vendors/DeviceSources.ts"

/** Utilization by which a device may be busier than when the run began. */
const BUSIER = 0.05
const PERIOD_MS = 100
/** Drivers report of up to a second that has passed, and some are read every two seconds. */
const LONGEST_WAIT_MS = 5_000

/**
 * Waits until the named devices are no busier and have no other processes than when the run began, five seconds at most:
 * the engine of the cell before has just ended, and would be confused with another program. What remains is another's.
 */
export const atRest = (
  open: OpenSources,
  began: ReadonlyArray<DeviceReading>,
  devices: ReadonlyArray<DeviceId>,
): Effect.Effect<void> =>
  Effect.sync(() => readDevices(open).some((now) => devices.includes(now.device) && isBusier(now, began))).pipe(
    Effect.repeat({
      while: (busier) => busier,
      schedule: Schedule.spaced(PERIOD_MS),
      times: LONGEST_WAIT_MS / PERIOD_MS,
    }),
    Effect.asVoid,
  )

const isBusier = ({ device, values }: DeviceReading, began: ReadonlyArray<DeviceReading>): boolean => {
  const before = began.find((reading) => reading.device === device)?.values ?? {}
  const known = new Set(before.processes?.map(({ pid }) => pid))
  return (
    (values.utilization ?? 0) > (before.utilization ?? 0) + BUSIER ||
    (values.processes ?? []).some(({ pid }) => !known.has(pid))
  )
}
