import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { DeviceId } from "@rigbook/core"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { telemetryReading, telemetryText } from "../../../testkit/src/FakeTelemetry.ts"
import {
  appendTelemetry,
  mendTelemetry,
  parseTelemetry,
  readTelemetry,
  TELEMETRY_FILE,
  type TelemetryLine,
} from "../../src/journal/TelemetryFile.ts"

const BEGIN = {
  kind: "begin",
  schema: 1,
  opening: 0,
  at: "2026-01-01T00:00:00.000Z",
  periodMs: 100,
  problems: [],
} as const
const GPU = DeviceId.make("GPU-1")
const device = (absent: Record<string, string>): TelemetryLine => ({
  kind: "device",
  device: GPU,
  source: "NVML",
  absent,
})
const withGpu = (n: number) => telemetryReading(n, { devices: { [GPU]: { usedBytes: n, limits: ["power-cap"] } } })
const LINES: ReadonlyArray<TelemetryLine> = [
  BEGIN,
  device({ energyJ: "NVML: Not Supported" }),
  withGpu(0),
  { kind: "trial", phase: "warmup", trial: 0 },
  withGpu(1),
  withGpu(2),
  { kind: "trial-end" },
  device({ energyJ: "NVML: GPU is lost" }),
  telemetryReading(3),
  { kind: "trial", phase: "measured", trial: 0 },
  telemetryReading(4),
  { kind: "trial-end" },
  { ...BEGIN, opening: 1, problems: ["NVML: there is none"] },
  telemetryReading(0),
  { kind: "trial", phase: "measured", trial: 1 },
  telemetryReading(1),
]
const parse = (text: string) => parseTelemetry(text, "telemetry.ndjson")

describe("parseTelemetry", () => {
  it.effect("gives openings with their devices, readings and trials that ended", () =>
    Effect.gen(function* () {
      const [first, second, ...others] = yield* parse(telemetryText(LINES))
      assert.isEmpty(others)
      assert.deepStrictEqual(
        first!.readings.map(({ atMs }) => atMs),
        [0, 100, 200, 300, 400],
      )
      assert.deepStrictEqual(first!.trials, [
        { phase: "warmup", trial: 0, first: 1, last: 2 },
        { phase: "measured", trial: 0, first: 4, last: 4 },
      ])
      assert.deepStrictEqual(first!.devices.get(GPU)?.absent, { energyJ: "NVML: GPU is lost" })
      assert.deepStrictEqual(first!.readings[1], withGpu(1))
      assert.deepStrictEqual([second!.opening, second!.problems], [1, ["NVML: there is none"]])
      assert.deepStrictEqual(second!.trials, [])
    }),
  )

  it.effect.prop(
    "reads a file that was cut anywhere, up to the cut",
    { share: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 })) },
    ({ share }) =>
      Effect.gen(function* () {
        const text = telemetryText(LINES)
        const cut = text.slice(0, Math.floor(share * text.length))
        const whole = cut.split("\n").length - 1
        const openings = yield* parse(cut)
        const readings = openings.flatMap((opening) => opening.readings)
        assert.strictEqual(readings.length, LINES.slice(0, whole).filter(({ kind }) => kind === "reading").length)
      }),
  )

  it.effect("names the line that is none of ours", () =>
    Effect.gen(function* () {
      const fails = (text: string) => Effect.map(Effect.flip(parse(text)), ({ message }) => message)
      const begin = telemetryText([BEGIN])
      assert.match(yield* fails(`${begin}{"kind":"odd"}\n`), /^telemetry.ndjson:2: /)
      assert.match(yield* fails(`${begin}not JSON\n`), /^telemetry.ndjson:2: /)
      for (const text of [telemetryText([withGpu(0)]), telemetryText([BEGIN, { kind: "trial-end" }])])
        assert.match(yield* fails(text), /line in the wrong place$/)
    }),
  )
})

layer(NodeServices.layer, { excludeTestServices: true })("telemetry.ndjson", (it) => {
  it.effect("is appended to, repaired after an interruption, and missing in records made without", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const path = join(folder, TELEMETRY_FILE)
      assert.deepStrictEqual(yield* readTelemetry(folder), [])
      yield* mendTelemetry(folder)
      yield* appendTelemetry(folder, [])
      assert.isFalse(yield* fs.exists(path))
      yield* appendTelemetry(folder, LINES.slice(0, 3))
      yield* fs.writeFileString(path, '{"kind":"rea', { flag: "a" })
      assert.strictEqual((yield* readTelemetry(folder))[0]!.readings.length, 1)
      yield* mendTelemetry(folder)
      yield* appendTelemetry(folder, LINES.slice(3))
      assert.deepStrictEqual(yield* readTelemetry(folder), yield* parse(telemetryText(LINES)))
    }),
  )
})
