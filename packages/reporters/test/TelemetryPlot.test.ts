import { assert, describe, it } from "@effect/vitest"
import { DeviceId, type TelemetryOpening, type TelemetryReading } from "@rigbook/core"
import { telemetrySpec, telemetrySvg } from "../src/TelemetryPlot.ts"
import { languageRun } from "./fixtures.ts"

const record = languageRun()
const gpu = (name: string) => DeviceId.make(name)

/** Ten seconds, ten readings each: the engine uses two cores, and a GPU warms up. */
const readings = (device: string): ReadonlyArray<TelemetryReading> =>
  Array.from({ length: 101 }, (_, n) => ({
    kind: "reading",
    atMs: 100 * n,
    own: { cpuMs: n, loopMs: n },
    engine: { cpuMs: 200 * n, rssBytes: 2 ** 30, threads: 4 },
    devices: { [gpu(device)]: { temperatureC: 40 + n / 10, usedBytes: 2 ** 30 } },
  }))
const opening = (device = "GPU-8f2d"): TelemetryOpening => ({
  opening: 0,
  at: "2026-01-01T00:00:00.000Z",
  periodMs: 100,
  problems: [],
  devices: new Map(),
  readings: readings(device),
  trials: [
    { phase: "warmup", trial: 0, first: 10, last: 20 },
    { phase: "measured", trial: 0, first: 30, last: 60 },
  ],
})

/** The panels of the first opening: their titles and the points of each line. */
const panels = (openings: ReadonlyArray<TelemetryOpening>) => {
  const text = JSON.stringify(telemetrySpec(record, openings))
  const spec = JSON.parse(text) as {
    readonly hconcat: ReadonlyArray<{
      readonly vconcat: ReadonlyArray<{
        readonly title: { readonly text: string }
        readonly layer: ReadonlyArray<{ readonly data: { readonly values: ReadonlyArray<Record<string, unknown>> } }>
      }>
    }>
  }
  return spec.hconcat[0]!.vconcat.map(({ layer, title }) => ({
    title: title.text,
    shaded: layer[0]!.data.values,
    points: layer[1]!.data.values,
  }))
}

describe("telemetrySpec", () => {
  it("has a panel for what was read, and none for what was not", () => {
    assert.deepStrictEqual(
      panels([opening()]).map(({ title }) => title),
      ["cores in use", "resident memory (GiB)", "device memory (GiB)", "temperature (°C)"],
    )
  })

  it("draws counters as rates, values as they are, and names devices as people know them", () => {
    const [cores, , , warmth] = panels([opening()])
    const engine = cores!.points.filter(({ line }) => line === "engine")
    assert.isTrue(engine.length >= 15 && engine.every(({ value }) => Math.abs(Number(value) - 2) < 1e-9))
    assert.deepStrictEqual(warmth!.points.at(-1), { s: 10, value: 50, line: "GPU 0 NVIDIA RTX 5090" })
  })

  it("shades the measured trials", () => {
    for (const { shaded } of panels([opening()])) assert.deepStrictEqual(shaded, [{ from: 3, to: 6 }])
  })

  it("is nothing where nothing was read", () => {
    assert.isUndefined(telemetrySpec(record, []))
    assert.isUndefined(telemetrySpec(record, [{ ...opening(), readings: [], trials: [] }]))
  })
})

describe("telemetrySvg", () => {
  it("is the same picture every time, and shows a hostile name as text", async () => {
    const hostile = opening('<script>alert("1")</script>')
    const svg = (await telemetrySvg(record, [hostile]))!
    assert.strictEqual(await telemetrySvg(record, [hostile]), svg)
    assert.match(svg, /^<svg [^]*<\/svg>\n$/)
    assert.include(svg, "cores in use")
    assert.notInclude(svg, "<script")
    assert.isBelow(svg.length, 200_000)
    assert.isUndefined(await telemetrySvg(record, []))
  })
})
