import type { DeviceId } from "@rigbook/core"
import { Effect } from "effect"
import { type OpenSources, readDevices } from "../vendors/DeviceSources.ts"

/** Degrees Celsius above what a GPU had when the run began, from which on it counts as warm from the cell before. */
const WARMER = 10
const LONGEST_WAIT_S = 60

/** A GPU that is too warm to begin with. */
export interface HotDevice {
  readonly device: DeviceId
  readonly temperatureC: number
  /** It is waited for until it is as cool as this. */
  readonly untilC: number
}

/** How warm each device is that tells it, by its id. */
export const temperatures = (open: OpenSources): ReadonlyMap<string, number> =>
  new Map(
    readDevices(open).flatMap(({ device, values: { temperatureC } }) =>
      temperatureC === undefined ? [] : [[device, temperatureC] as const],
    ),
  )

/**
 * Waits until the named devices are about as cool as `idle` says, a minute at most, telling each second which one is
 * not. Nothing to wait for where no device tells its temperature.
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
