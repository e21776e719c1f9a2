import { bytes, figure, significant, withUnit } from "../src/format.ts"
import type { PageData, PageRun } from "../src/html/PageData.ts"
import { THROUGHPUT } from "../src/BatchScaling.ts"
import { SPEED } from "../src/PlacementScaling.ts"
import { figuresOf } from "./figures.ts"
import type { Axis, Point, Scatter } from "./ScatterPlot.ts"

/** A plot of some runs. */
export interface Plot {
  readonly id: string
  readonly title: string
  /** What to look for. */
  readonly about: string
  /** The points of these runs; why there are none is `empty`. Pure. */
  readonly of: (runs: ReadonlyArray<PageRun>) => Scatter
  readonly empty: string
}

type Of = (run: PageRun) => number | undefined

/** All plots that the data has metrics for. */
export const plotsOf = (data: PageData): ReadonlyArray<Plot> => {
  const tasks = (["generate", "embed"] as const).filter((task) => data.runs.some((run) => run.task === task))
  return [
    ...tasks.map((task) => throughputLatency(data, task)),
    ...(data.ladders.length === 0 ? [] : [batchLadders(data)]),
    ...tasks.map((task) => quantizationSpeed(data, task)),
    quantizationMemory(data),
    estimatedMemory,
  ]
}

const median =
  (metric: string): Of =>
  (run) =>
    figuresOf(run, metric)?.median

const axisOf = ({ metrics }: PageData, metric: string): Axis => {
  const { title, unit } = metrics[metric] ?? { title: metric, unit: "" }
  return { title: withUnit(title, unit), show: (value) => figure(value, unit), binary: unit === "B" }
}

const nameOf = ({ backend, name, placement, quantization, scenario }: PageRun): string =>
  `${name} ${quantization}, ${backend} on ${placement}, ${scenario}`

const scatter = (
  runs: ReadonlyArray<PageRun>,
  x: Axis & { readonly of: Of },
  y: Axis & { readonly of: Of },
): Scatter => ({
  x,
  y,
  points: runs.flatMap((run): ReadonlyArray<Point> => {
    const [at, height] = [x.of(run), y.of(run)]
    return at === undefined || height === undefined
      ? []
      : [
          {
            run,
            x: at,
            y: height,
            hint: `${nameOf(run)}: ${y.title} ${y.show(height)}, ${x.title} ${x.show(at)}, ${run.verdict}`,
          },
        ]
  }),
})

const throughputLatency = (data: PageData, task: PageRun["task"]): Plot => {
  const [latency, speed] = task === "generate" ? ["ttft", SPEED.generate] : ["batch_latency", SPEED.embed]
  const generates = task === "generate"
  return {
    id: `throughput-latency-${task}`,
    title: generates ? "Decode speed against time to first token" : "Throughput against the time of a call",
    about: generates ? "Up and to the left is better." : "Up and to the left is better; larger batches go right.",
    empty: "no run here has both figures",
    of: (runs) =>
      scatter(
        runs.filter((run) => run.task === task),
        { ...axisOf(data, latency), of: median(latency) },
        { ...axisOf(data, speed), of: median(speed) },
      ),
  }
}

const batchLadders = (data: PageData): Plot => ({
  id: "batch-ladders",
  title: "Batch ladders",
  about:
    "Each line joins runs that differ in nothing but the size of their batch. Where it goes flat, a larger batch only costs memory.",
  empty: "no runs here differ in their batch alone",
  of: (runs) => {
    const here = new Map(runs.map((run) => [run.id, run]))
    const y = axisOf(data, THROUGHPUT)
    const points: Array<Point> = []
    const lines = data.ladders.map(({ name, steps }) =>
      steps.flatMap(({ run: id, size }) => {
        const run = here.get(id)
        const docs = run && figuresOf(run, THROUGHPUT)?.median
        if (run === undefined || docs === undefined) return []
        return [
          points.push({
            run,
            x: size,
            y: docs,
            hint: `${name}, ${size}: ${significant(docs)} docs/s, ${run.verdict}`,
          }) - 1,
        ]
      }),
    )
    return { x: { title: "Batch (documents)", show: (value) => significant(value, 3) }, y, points, lines }
  },
})

const BITS = {
  title: "Bits per weight",
  show: (value: number) => significant(value, 3),
  of: ({ bits }: PageRun) => bits,
}

const quantizationSpeed = (data: PageData, task: PageRun["task"]): Plot => ({
  id: `quantization-speed-${task}`,
  title: task === "generate" ? "Quantization against decode speed" : "Quantization against throughput",
  about: "Fewer bits per weight are usually faster. Compare models of one size.",
  empty: "no run here has a speed",
  of: (runs) =>
    scatter(
      runs.filter((run) => run.task === task),
      BITS,
      { ...axisOf(data, SPEED[task]), of: median(SPEED[task]) },
    ),
})

const quantizationMemory = (data: PageData): Plot => ({
  id: "quantization-memory",
  title: "Quantization against peak memory",
  about: "Fewer bits per weight need less memory. Compare models of one size.",
  empty: "no run here has a peak memory",
  of: (runs) => scatter(runs, BITS, { ...axisOf(data, "memory_peak"), of: median("memory_peak") }),
})

const estimatedMemory: Plot = {
  id: "estimated-memory",
  title: "Memory estimated and held",
  about:
    "What the backend's rules said devices would hold, against what the engine holds there. On the line the rule is exact; above it the engine holds more.",
  empty: "no run here has both: estimates are made for devices other than the processor, where the backend has a rule",
  of: (runs) => ({
    ...scatter(
      runs,
      { title: "Estimated", show: bytes, binary: true, of: ({ memory }) => memory?.estimated },
      { title: "Held", show: bytes, binary: true, of: ({ memory }) => memory?.held },
    ),
    diagonal: true,
  }),
}

/** Every trial of a metric: how far it is from its run's median, by that median. */
export const trialPlot = (data: PageData, metric: string): Plot => ({
  id: "trials",
  title: "Distribution of trials",
  about: "Each trial's distance from the median of its run. Noisy runs spread upwards and downwards.",
  empty: "no trial here gave this figure",
  of: (runs) => {
    const x = axisOf(data, metric)
    const points = runs.flatMap((run): ReadonlyArray<Point> => {
      const figures = figuresOf(run, metric)
      // A share of zero is nothing.
      if (figures === undefined || figures.median === 0) return []
      return figures.trials.flatMap((value, trial) =>
        value === null
          ? []
          : [
              {
                run,
                x: figures.median,
                y: (value / figures.median - 1) * 100,
                hint: `${nameOf(run)}, trial ${trial + 1}: ${x.show(value)}, ${run.verdict}`,
              },
            ],
      )
    })
    return {
      x: { ...x, title: `Median: ${x.title}` },
      y: { title: "From the median (%)", show: (value) => significant(value, 2) },
      points,
      linear: true,
    }
  },
})
