import { DeviceId, type DeviceReading, deviceReading, type DeviceSource, type Told } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect, Predicate, Schedule, type Scope } from "effect"
import { NoTelemetry } from "./NoTelemetry.ts"

const SOURCE = "rocm-smi"
const WHAT = [
  "--showuniqueid",
  "--showmeminfo",
  "vram",
  "--showuse",
  "--showtemp",
  "--showpower",
  "--showmaxpower",
  "--showclocks",
]
/** Each reading starts a Python program: more often, it would disturb what is measured. */
const PERIOD = "2 seconds"

/** The devices in what `rocm-smi --json` prints: all values are texts, and names differ from model to model. */
export const parseRocmSmi = (json: string): ReadonlyArray<DeviceReading> => {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch {
    return [] // a warning or an error in place of JSON
  }
  if (!Predicate.isObject(parsed)) return []
  return Object.entries(parsed).flatMap(([card, value]) =>
    /^card\d+$/.test(card) && Predicate.isObject(value) ? [cardReading(card, value)] : [],
  )
}

const cardReading = (card: string, told: object): DeviceReading => {
  const texts = new Map(
    Object.entries(told).flatMap(([name, text]) => (typeof text === "string" ? [[name, text]] : [])),
  )
  const unique = texts.get("Unique ID")
  const of = (scale: number, ...names: ReadonlyArray<string>): Told<number> => {
    const name = names.find((candidate) => texts.has(candidate))
    if (name === undefined) return { absent: `rocm-smi: does not report "${names[0]}"` }
    const text = texts.get(name)!
    const digits = /^\(?(\d+(?:\.\d+)?)/.exec(text)?.[1]
    return digits === undefined ? { absent: `rocm-smi: ${text}` } : { value: Number(digits) * scale }
  }
  const used = of(1, "VRAM Total Used Memory (B)")
  const total = of(1, "VRAM Total Memory (B)")
  return deviceReading(
    DeviceId.make(unique === undefined || unique === "N/A" ? card : `AMD-${unique}`),
    {
      usedBytes: used,
      freeBytes: "absent" in used ? used : "absent" in total ? total : { value: total.value - used.value },
      utilization: of(0.01, "GPU use (%)"),
      smClockMhz: of(1, "sclk clock speed:"),
      temperatureC: of(1, "Temperature (Sensor edge) (C)", "Temperature (Sensor junction) (C)"),
      powerW: of(1, "Current Socket Graphics Package Power (W)", "Average Graphics Package Power (W)"),
      powerCapW: of(1, "Max Graphics Package Power (W)"),
    },
    "rocm-smi: does not report it",
  )
}

/** Reads AMD's devices by running `rocm-smi` every two seconds until the scope closes. */
export const openRocmSmi: Effect.Effect<DeviceSource, NoTelemetry, Scope.Scope> = Effect.gen(function* () {
  const fail = (detail: string) => new NoTelemetry({ source: SOURCE, detail })
  const once = shortCommand("rocm-smi", [...WHAT, "--json"]).pipe(
    Effect.map(({ stdout }) => parseRocmSmi(stdout)),
    Effect.mapError((error) => fail(error.missing ? "not installed" : error.message)),
  )
  let latest = yield* once
  if (latest.length === 0) return yield* fail("it lists no device")
  yield* once.pipe(
    Effect.match({
      onSuccess: (readings) => void (latest = readings),
      onFailure: ({ message }) => void (latest = latest.map(({ device }) => deviceReading(device, {}, message))),
    }),
    Effect.repeat(Schedule.spaced(PERIOD)),
    Effect.forkScoped,
  )
  return { name: SOURCE, read: () => latest }
})
