import type { DeviceId } from "@rigbook/core"
import { Effect } from "effect"
import { type OpenSources, readDevices } from "../vendors/DeviceSources.ts"

/** A GPU this many degrees Celsius above its temperature at the start of the run is still warm from the cell before. */
const WARMER = 10
const LONGEST_WAIT_S = 60

/** A GPU that is too warm to begin. */
export interface HotDevice {
  readonly device: DeviceId
  readonly temperatureC: number
  /** The wait ends at this temperature. */
  readonly untilC: number
}

/** The temperature of each device that reports it, by its id. */
export const temperatures = (open: OpenSources): ReadonlyMap<string, number> =>
  new Map(
    readDevices(open).flatMap(({ device, values: { temperatureC } }) =>
      temperatureC === undefined ? [] : [[device, temperatureC] as const],
    ),
  )

/**
 * Waits until the named devices are about as cool as `idle` says, at most a minute, and reports each second which one
 * is not. Does not wait if no device reports its temperature.
 */
export const coolDown = Effect.fn("CoolDown.coolDown")(function* (
  open: OpenSources,
  idle: ReadonlyMap<string, number>,
  devices: ReadonlyArray<DeviceId>,
  tell: (hot: HotDevice) => Effect.Effect<void>,
) {
  for (let waited = 0; waited < LONGEST_WAIT_S; waited++) {
    const hot = hottest(temperatures(open), idle, devices)
    if (hot === undefined) return
    yield* tell(hot)
    yield* Effect.sleep("1 second")
  }
})

const hottest = (
  now: ReadonlyMap<string, number>,
  idle: ReadonlyMap<string, number>,
  devices: ReadonlyArray<DeviceId>,
): HotDevice | undefined =>
  devices
    .flatMap((device) => {
      const temperatureC = now.get(device)
      const before = idle.get(device)
      return temperatureC === undefined || before === undefined || temperatureC <= before + WARMER
        ? []
        : [{ device, temperatureC, untilC: before + WARMER }]
    })
    .toSorted((a, b) => b.temperatureC - b.untilC - (a.temperatureC - a.untilC))[0]
