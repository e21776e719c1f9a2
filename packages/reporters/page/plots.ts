import { bytes, figure, significant, withUnit } from "../src/format.ts"
import type { PageData, PageLadder, PageRaised } from "../src/html/PageData.ts"
import type { PageRun } from "../src/html/PageRun.ts"
import { figuresOf } from "./figures.ts"
import type { Axis, Point, Scatter } from "./ScatterPlot.ts"

/** A plot of some runs. */
export interface Plot {
  readonly id: string
  readonly title: string
  /** What to look for. */
  readonly about: string
  /** Choices of what to show, if there are any. */
  readonly choices?: ReadonlyArray<{ readonly value: string; readonly label: string }>
  /** The points of these runs for the choice; `empty` says why there are none. Pure. */
  readonly of: (runs: ReadonlyArray<PageRun>, choice: string) => Scatter
  readonly empty: string
}

type Of = (run: PageRun) => number | undefined

/** All plots that the data has metrics for. */
export const plotsOf = (data: PageData): ReadonlyArray<Plot> => {
  const tasks = (["generate", "embed"] as const).filter((task) => data.runs.some((run) => run.task === task))
  return [
    ...tasks.map((task) => throughputLatency(data, task)),
    ...underLoad(data),
    ...Object.entries(data.raised).flatMap(([by, raised]) => ladderPlot(data, by, raised)),
    // A task with a single quantization has no trade-off, whatever is chosen.
    ...tasks
      .filter((task) => traded(data.runs.filter((run) => run.task === task)).length > 0)
      .map((task) => quantizationSpeed(data, task)),
    quantizationMemory(data),
    ...(data.runs.some(({ memory }) => memory !== undefined) ? [estimatedMemory] : []),
    ...telemetryPlot(data),
    ...trialPlot(data),
  ]
}

/** The ends of a figure's interval, for the bar through its point. */
const endsOf = (run: PageRun, metric: string): Pick<Point, "low" | "high"> => {
  const { high, low } = figuresOf(run, metric) ?? {}
  return low === undefined || high === undefined ? {} : { low, high }
}

const median =
  (metric: string): Of =>
  (run) =>
    figuresOf(run, metric)?.median

const axisOf = ({ metrics }: PageData, metric: string): Axis => {
  const { title, unit } = metrics[metric] ?? { title: metric, unit: "" }
  return { title: withUnit(title, unit), show: (value) => figure(value, unit), binary: unit === "B" }
}

const choicesOf = ({ metrics }: PageData, ids: ReadonlyArray<string>) =>
  ids.flatMap((id) => {
    const metric = metrics[id]
    return metric === undefined ? [] : [{ value: id, label: withUnit(metric.title, metric.unit) }]
  })

const nameOf = ({ backend, name, placement, quantization, scenario }: PageRun): string =>
  `${name} ${quantization}, ${backend} on ${placement}, ${scenario}`

const scatter = (
  runs: ReadonlyArray<PageRun>,
  x: Axis & { readonly of: Of },
  y: Axis & { readonly of: Of; readonly metric?: string },
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
            ...(y.metric === undefined ? {} : endsOf(run, y.metric)),
            hint: () => `${nameOf(run)}: ${y.title} ${y.show(height)}, ${x.title} ${x.show(at)}, ${run.verdict}`,
          },
        ]
  }),
})

const throughputLatency = (data: PageData, task: PageRun["task"]): Plot => {
  const [latency, speed] = [data.roles.wait[task], data.roles.speed[task]]
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
        { ...axisOf(data, speed), of: median(speed), metric: speed },
      ),
  }
}

/** The steps of ladders: a point for each shown run that has both figures, joined by ladder. */
const climbed = (
  ladders: ReadonlyArray<PageLadder>,
  runs: ReadonlyArray<PageRun>,
  xOf: (run: PageRun, size: number) => number | undefined,
  metric: string,
  hint: (y: number, x: number) => string,
): Pick<Scatter, "labels" | "lines" | "points"> => {
  const here = new Map(runs.map((run) => [run.id, run]))
  const points: Array<Point> = []
  const lines = ladders.map(({ name, steps }) =>
    steps.flatMap(({ run: id, size }) => {
      const run = here.get(id)
      const [x, y] = run === undefined ? [] : [xOf(run, size), median(metric)(run)]
      if (run === undefined || x === undefined || y === undefined) return []
      return [
        points.push({
          run,
          x,
          y,
          ...endsOf(run, metric),
          hint: () => `${name}, ${size}: ${hint(y, x)}, ${run.verdict}`,
        }) - 1,
      ]
    }),
  )
  return { points, lines, labels: labelsOf(ladders.map(({ name }) => name)) }
}

const underLoad = (data: PageData): ReadonlyArray<Plot> => {
  const ladders = data.ladders.filter(({ by }) => data.raised[by]?.shelf === "load")
  if (ladders.length === 0) return []
  const [wait, throughput] = [data.roles.wait.generate, data.roles.throughput.generate]
  const [x, y] = [axisOf(data, wait), axisOf(data, throughput)]
  return [
    {
      id: "under-load",
      title: "Throughput against latency under load",
      about:
        "Each line joins runs that differ only in their load. Where it turns right, more load only adds waiting time.",
      empty: "no run under a load here has both figures",
      of: (runs) => ({
        x,
        y,
        ...climbed(
          ladders,
          runs,
          median(wait),
          throughput,
          (height, at) => `${y.title} ${y.show(height)}, ${x.title} ${x.show(at)}`,
        ),
      }),
    },
  ]
}

const ladderPlot = (data: PageData, by: string, { head, plot, shelf }: PageRaised): ReadonlyArray<Plot> => {
  const ladders = data.ladders.filter((ladder) => ladder.by === by)
  if (ladders.length === 0) return []
  return [
    {
      id: `${by}-ladders`,
      ...plot,
      choices: choicesOf(data, data.columns.ladders[shelf]),
      empty: "no runs here differ in this alone and have the figure",
      of: (runs, metric) => {
        const y = axisOf(data, metric)
        const x = { title: head, show: (value: number) => significant(value, 3), binary: true }
        return {
          x,
          y,
          ...climbed(
            ladders,
            runs,
            (_, step) => step,
            metric,
            (value) => `${y.title} ${y.show(value)}`,
          ),
        }
      },
    },
  ]
}

const BITS = {
  title: "Bits per weight",
  show: (value: number) => significant(value, 3),
  of: ({ bits }: PageRun) => bits,
}

/** Runs of a single quantization show no trade-off: they would pile up above one mark. */
const traded = (runs: ReadonlyArray<PageRun>): ReadonlyArray<PageRun> =>
  new Set(runs.map(({ weights }) => weights)).size > 1 ? runs : []

const quantizationSpeed = (data: PageData, task: PageRun["task"]): Plot => ({
  id: `quantization-speed-${task}`,
  title: task === "generate" ? "Quantization against decode speed" : "Quantization against throughput",
  about: "Fewer bits per weight are usually faster. Compare models of one size.",
  empty: "the runs here have one quantization, or no speed",
  of: (runs) =>
    joined(
      data,
      scatter(traded(runs.filter((run) => run.task === task)), BITS, {
        ...axisOf(data, data.roles.speed[task]),
        of: median(data.roles.speed[task]),
        metric: data.roles.speed[task],
      }),
    ),
})

/** What lines are called: the first two parts of their names, less what all of them begin with. */
const labelsOf = (names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const parts = names.map((name) => name.split(", "))
  const isOne = new Set(parts.map(([first]) => first)).size === 1 && names.length > 1
  return parts.map((of) => of.slice(isOne ? 1 : 0, 2).join(", "))
}

/** Joins the points of runs that differ in nothing but their quantization. */
const joined = (data: PageData, scatter: Scatter): Scatter => {
  const places = new Map(scatter.points.map(({ run }, place) => [run.id, place]))
  const sides = data.comparisons
    .filter(({ head }) => head === undefined)
    .map(({ name, runs }) => ({ name, line: runs.flatMap(({ run }) => places.get(run) ?? []).toReversed() }))
    .filter(({ line }) => line.length > 1)
  return {
    ...scatter,
    lines: sides.map(({ line }) => line),
    labels: labelsOf(sides.map(({ name }) => name)),
  }
}

const quantizationMemory = (data: PageData): Plot => ({
  id: "quantization-memory",
  title: "Quantization against peak memory",
  about: "Fewer bits per weight need less memory. Compare models of one size.",
  empty: "the runs here have one quantization, or no peak memory",
  of: (runs) =>
    joined(
      data,
      scatter(traded(runs), BITS, {
        ...axisOf(data, data.roles.memory.generate),
        of: median(data.roles.memory.generate),
        metric: data.roles.memory.generate,
      }),
    ),
})

const estimatedMemory: Plot = {
  id: "estimated-memory",
  title: "Memory, estimated and allocated",
  about:
    "Memory that the backend's rules estimated for devices, and what the engine allocated there. On the line the rule is exact; above it the engine allocated more.",
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

/** The readings that people want first, if a GPU reports them. */
const FIRST = ["temperature (°C)", "power (W)"]

/** Telemetry of runs over time: a line for each run and device. */
const telemetryPlot = ({ traces }: PageData): ReadonlyArray<Plot> => {
  const found = new Set(traces.flatMap(({ panels }) => panels.map(({ title }) => title)))
  const titles = [...new Set([...FIRST.filter((title) => found.has(title)), ...found])]
  if (titles.length === 0) return []
  return [
    {
      id: "telemetry",
      title: "Temperature, power and use over time",
      about:
        "A line for each run and device, from the start of its engine. A line that bends down under load is throttled.",
      choices: titles.map((title) => ({ value: title, label: title })),
      empty: "no run here has these readings",
      of: (runs, chosen) => {
        const here = new Map(runs.map((run) => [run.id, run]))
        const points: Array<Point> = []
        const lines = traces.flatMap(({ panels, run: id }) => {
          const run = here.get(id)
          if (run === undefined) return []
          return panels
            .filter(({ title }) => title === chosen)
            .flatMap(({ lines: of }) =>
              of.map(({ name, s, value }) =>
                s.flatMap((x, at) => {
                  const y = value[at]
                  if (y === undefined) return []
                  const hint = () => `${nameOf(run)}: ${name} ${significant(y, 3)} after ${significant(x, 3)} s`
                  return [points.push({ run, x, y, hint }) - 1]
                }),
              ),
            )
        })
        return {
          x: { title: "Seconds since the engine was started", show: (value) => significant(value, 3) },
          y: { title: chosen, show: (value) => significant(value, 3) },
          points,
          lines,
          linear: "both",
          unmarked: true,
        }
      },
    },
  ]
}

/** Every trial of a metric: its distance from its run's median, relative to that median. */
const trialPlot = (data: PageData): ReadonlyArray<Plot> => {
  const choices = choicesOf(data, Object.keys(data.metrics))
  if (choices.length === 0) return []
  return [
    {
      id: "trials",
      title: "Distribution of trials",
      about: "Each trial's distance from the median of its run. Noisy runs spread upwards and downwards.",
      choices,
      empty: "no trial here gave this figure",
      of: (runs, metric) => {
        const x = axisOf(data, metric)
        const points = runs.flatMap((run): ReadonlyArray<Point> => {
          const figures = figuresOf(run, metric)
          // A share of zero is undefined.
          if (figures === undefined || figures.median === 0) return []
          return figures.trials.flatMap((value, trial) =>
            value === null
              ? []
              : [
                  {
                    run,
                    x: figures.median,
                    y: (value / figures.median - 1) * 100,
                    hint: () => `${nameOf(run)}, trial ${trial + 1}: ${x.show(value)}, ${run.verdict}`,
                  },
                ],
          )
        })
        return {
          x: { ...x, title: `Median: ${x.title}` },
          y: { title: "From the median (%)", show: (value) => significant(value, 2) },
          points,
          linear: "y",
        }
      },
    },
  ]
}
