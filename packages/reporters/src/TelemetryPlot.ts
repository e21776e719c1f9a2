import type { RunRecord, TelemetryOpening, TelemetryReading } from "@rigbook/core"
import type { TopLevelSpec } from "vega-lite"
import { deviceName } from "./names.ts"

/** One point of a line. */
interface Point {
  /** Seconds since the opening's telemetry began. */
  readonly s: number
  readonly value: number
  readonly line: string
}

interface Panel {
  readonly title: string
  readonly points: ReadonlyArray<Point>
}

const WIDTH = 720
const HEIGHT = 110
/** More points would make the file large without a visible difference. */
const MOST_POINTS = WIDTH / 2

/**
 * Memory, use, temperature, power and clock over the time of a record, trials shaded: an SVG, one column of panels for
 * each opening of the engine. `undefined` if telemetry has nothing to show.
 */
export const telemetrySvg = async (
  record: RunRecord,
  openings: ReadonlyArray<TelemetryOpening>,
): Promise<string | undefined> => {
  const spec = telemetrySpec(record, openings)
  if (spec === undefined) return undefined
  // Takes half a second, and is needed only for plots.
  const [{ compile }, { parse, View }] = await Promise.all([import("vega-lite"), import("vega")])
  const svg = await new View(parse(compile(spec as unknown as TopLevelSpec).spec), { renderer: "none" }).toSVG()
  return `${svg}\n`
}

/** A plot for Vega-Lite, version 6: see https://vega.github.io/vega-lite. */
export type VegaLiteSpec = Readonly<Record<string, unknown>>

/** The plot as data. Pure. */
export const telemetrySpec = (
  record: RunRecord,
  openings: ReadonlyArray<TelemetryOpening>,
): VegaLiteSpec | undefined => {
  const columns = openings.flatMap((opening) => {
    const panels = telemetryPanels(record, opening).filter(({ points }) => points.length > 1)
    return panels.length === 0 ? [] : [column(opening, panels)]
  })
  if (columns.length === 0) return undefined
  return {
    title: { text: record.id, anchor: "start" },
    background: "white",
    hconcat: columns,
    config: { view: { stroke: "#ddd" }, legend: { title: null, orient: "right", labelLimit: 300 } },
  } satisfies TopLevelSpec
}

/** What an opening's readings show; a panel may be empty. Pure. */
export const telemetryPanels = (record: RunRecord, { readings }: TelemetryOpening): ReadonlyArray<Panel> => {
  const cores = record.cell.host.cpu.logicalCores
  const gib = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / 2 ** 30)
  const ofDevices = (title: string, value: (values: Values) => number | undefined): Panel => {
    const ids = new Set(readings.flatMap(({ devices = {} }) => Object.keys(devices)))
    return {
      title,
      points: [...ids].flatMap((id) =>
        line(deviceName(record.cell.host, id), readings, ({ devices }) => {
          const values = devices?.[id as keyof typeof devices]
          return values === undefined ? undefined : value(values)
        }),
      ),
    }
  }
  return [
    {
      title: "cores in use",
      points: [
        ...rate("engine", readings, ({ engine }) => engine?.cpuMs),
        ...rate("Rigbook", readings, ({ own }) => own.cpuMs),
        ...rate(`whole machine (${cores} cores)`, readings, ({ host }) => host?.busyMs),
      ],
    },
    { title: "resident memory (GiB)", points: line("engine", readings, ({ engine }) => gib(engine?.rssBytes)) },
    ofDevices("device memory (GiB)", ({ usedBytes }) => gib(usedBytes)),
    ofDevices("utilization (%)", ({ utilization }) => (utilization === undefined ? undefined : 100 * utilization)),
    ofDevices("temperature (°C)", ({ temperatureC }) => temperatureC),
    ofDevices("power (W)", ({ powerW }) => powerW),
    ofDevices("SM clock (MHz)", ({ smClockMhz }) => smClockMhz),
  ]
}

type Values = NonNullable<TelemetryReading["devices"]>[keyof NonNullable<TelemetryReading["devices"]>]

const line = (
  name: string,
  readings: ReadonlyArray<TelemetryReading>,
  value: (reading: TelemetryReading) => number | undefined,
): ReadonlyArray<Point> => {
  const points = readings.flatMap((reading) => {
    const found = value(reading)
    return found === undefined ? [] : [{ s: reading.atMs / 1000, value: found, line: name }]
  })
  const step = Math.ceil(points.length / MOST_POINTS)
  // The largest value of each interval: people look for peaks.
  return Array.from({ length: Math.ceil(points.length / step) }, (_, index) =>
    points.slice(index * step, (index + 1) * step).reduce((most, point) => (point.value > most.value ? point : most)),
  )
}

/** How fast a counter of milliseconds grows, over half a second or more: the kernel counts in steps of 10 ms. */
const rate = (
  name: string,
  readings: ReadonlyArray<TelemetryReading>,
  counter: (reading: TelemetryReading) => number | undefined,
): ReadonlyArray<Point> => {
  const points: Array<Point> = []
  let last: { readonly atMs: number; readonly count: number } | undefined
  for (const reading of readings) {
    const count = counter(reading)
    if (count === undefined) continue
    if (last !== undefined && reading.atMs - last.atMs < 500) continue
    if (last !== undefined)
      points.push({
        s: reading.atMs / 1000,
        value: (count - last.count) / (reading.atMs - last.atMs),
        line: name,
      })
    last = { atMs: reading.atMs, count }
  }
  return points
}

const column = ({ opening, readings, trials }: TelemetryOpening, panels: ReadonlyArray<Panel>) => ({
  title: `opening ${opening + 1}`,
  vconcat: panels.map(({ points, title }, index) => ({
    width: WIDTH,
    height: HEIGHT,
    title: { text: title, anchor: "start" as const, frame: "group" as const, fontSize: 11 },
    layer: [
      {
        data: {
          values: trials
            .filter(({ phase }) => phase === "measured")
            .map(({ first, last }) => ({ from: readings[first]!.atMs / 1000, to: readings[last]!.atMs / 1000 })),
        },
        mark: { type: "rect" as const, color: "#e8eef7", aria: false },
        encoding: { x: { field: "from", type: "quantitative" as const }, x2: { field: "to" } },
      },
      {
        data: { values: [...points] },
        mark: { type: "line" as const, strokeWidth: 1.2, description: title },
        encoding: {
          x: {
            field: "s",
            type: "quantitative" as const,
            title: index === panels.length - 1 ? "seconds since the engine was started" : null,
          },
          y: { field: "value", type: "quantitative" as const, title: null },
          color: { field: "line", type: "nominal" as const, sort: null },
        },
      },
    ],
  })),
  resolve: { scale: { color: "independent" as const } },
})
