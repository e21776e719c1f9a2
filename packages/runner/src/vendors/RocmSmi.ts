import {
  Device,
  DeviceId,
  type DeviceReading,
  deviceReading,
  type DeviceSource,
  NoTelemetry,
  type Reported,
} from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect, Predicate, Schedule, type Scope } from "effect"
import { amdId } from "./AmdNames.ts"

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
export const parseRocmSmi = (json: string): ReadonlyArray<DeviceReading> =>
  cardsIn(json).map(({ card, texts }) => cardReading(card, texts))

interface Card {
  readonly card: string
  readonly texts: ReadonlyMap<string, string>
}

const cardsIn = (json: string): ReadonlyArray<Card> => {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch {
    return [] // a warning or an error in place of JSON
  }
  if (!Predicate.isObject(parsed)) return []
  return Object.entries(parsed).flatMap(([card, value]) =>
    /^card\d+$/.test(card) && Predicate.isObject(value) ? [{ card, texts: textsOf(value) }] : [],
  )
}

const textsOf = (reported: object): ReadonlyMap<string, string> =>
  new Map(Object.entries(reported).flatMap(([name, text]) => (typeof text === "string" ? [[name, text]] : [])))

const idOf = ({ card, texts }: Card): DeviceId => amdId(texts.get("Unique ID")) ?? DeviceId.make(card)

const cardReading = (card: string, texts: ReadonlyMap<string, string>): DeviceReading => {
  const of = (scale: number, ...names: ReadonlyArray<string>): Reported<number> => {
    const name = names.find((candidate) => texts.has(candidate))
    if (name === undefined) return { absent: `rocm-smi: does not report "${names[0]}"` }
    const text = texts.get(name)!
    const digits = /^\(?(\d+(?:\.\d+)?)/.exec(text)?.[1]
    return digits === undefined ? { absent: `rocm-smi: ${text}` } : { value: Number(digits) * scale }
  }
  const used = of(1, "VRAM Total Used Memory (B)")
  const total = of(1, "VRAM Total Memory (B)")
  return deviceReading(
    idOf({ card, texts }),
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

const FACTS = ["--showuniqueid", "--showproductname", "--showmeminfo", "vram", "--showdriverversion"]

/** AMD's GPUs by rocm-smi, for machines without its successor; none where that is missing, or fails. */
export const rocmSmiDevices: Effect.Effect<ReadonlyArray<Device>> = shortCommand("rocm-smi", [...FACTS, "--json"]).pipe(
  Effect.map(({ stdout }) => parseRocmDevices(stdout)),
  Effect.orElseSucceed(() => []),
)

/** The GPUs that tell their memory, in the order of the kernel's nodes, by which AMD's runtime counts. */
export const parseRocmDevices = (json: string): ReadonlyArray<Device> => {
  const driver = /"Driver version": "([^"]+)"/.exec(json)?.[1]
  const node = ({ texts }: Card): number => Number(texts.get("Node ID"))
  const cards = cardsIn(json)
  const ordered = cards.every((card) => node(card) >= 0) ? cards.toSorted((a, b) => node(a) - node(b)) : cards
  return ordered.flatMap((card, index) => {
    const [total, used] = ["VRAM Total Memory (B)", "VRAM Total Used Memory (B)"].map((name) => card.texts.get(name))
    if (!/^\d+$/.test(total ?? "") || !/^\d+$/.test(used ?? "")) return []
    return [
      new Device({
        id: idOf(card),
        kind: "gpu",
        name: card.texts.get("Card Series") ?? card.texts.get("Card series") ?? "AMD GPU",
        index,
        memoryBytes: Number(total),
        freeBytes: Number(total) - Number(used),
        ...(driver === undefined ? {} : { driver }),
        vendor: "amd",
      }),
    ]
  })
}
