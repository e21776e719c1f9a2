import { type DeviceSource, NoTelemetry, type Vendor } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect, Schedule, type Scope } from "effect"
import { devicesOf, readingsOf } from "./Parse.ts"

/** What prints a line a GPU: put the tool of your GPUs in its place, or their library. */
const tool = Effect.map(shortCommand("my-smi", ["--query", "--format=csv"]), ({ stdout }) => stdout)

const discover = Effect.orElseSucceed(Effect.map(tool, devicesOf), () => [])

/** What the tool printed last, as long as the scope is open: a reading may not wait for it. */
const open: Effect.Effect<DeviceSource, NoTelemetry, Scope.Scope> = Effect.gen(function* () {
  const fail = (detail: string) => new NoTelemetry({ source: "my-smi", detail })
  let latest = yield* Effect.mapError(tool, (error) => fail(error.missing ? "not installed" : error.message))
  if (devicesOf(latest).length === 0) return yield* fail("it lists no device")
  yield* tool.pipe(
    Effect.map((text) => void (latest = text)),
    Effect.ignore,
    Effect.repeat(Schedule.spaced("1 second")),
    Effect.forkScoped,
  )
  return { name: "my-smi", read: () => readingsOf(latest) }
})

/** A maker of GPUs, by what its tool prints. */
export const myVendor: Vendor = {
  id: "my-vendor",
  alias: "mygpu",
  present: Effect.map(discover, (devices) => devices.length > 0),
  discover,
  read: [open],
  masks: ["MY_VISIBLE_DEVICES"],
  restrict: (devices) => ({ MY_VISIBLE_DEVICES: devices.map(({ index }) => index).join(",") }),
}
