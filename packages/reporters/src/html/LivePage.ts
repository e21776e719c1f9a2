import type { CellSpec, Metric, MetricValue, Registry } from "@rigbook/core"
import { bounds, isLoad, placementName, scenarioName, visible } from "@rigbook/core"
import { columnsOf, type RunProgress } from "@rigbook/records"
import { registryOf } from "./HtmlReporter.ts"
import { liveDocument, type PageState, pageState } from "./page.ts"
import { pageAssets } from "./PageAssets.ts"
import { pageValue } from "./data/values.ts"
import type { PageValue } from "./PageRun.ts"

/** The registry's page as `rigbook serve` shows it: it asks only its server for what is newer than `version`. */
export const livePage = (registry: Registry, version: string): string =>
  liveDocument(registryOf(registry), pageAssets(), version)

/** What a live page receives when the registry has changed. */
export const liveState = (registry: Registry): PageState => pageState(registryOf(registry))

/** What a live page shows of the current run. All text is safe to display. */
export interface LiveRun {
  /** Absent between two cells. */
  readonly cell?: {
    readonly id: string
    readonly name: string
    readonly backend: string
    readonly placement: string
    readonly scenario: string
    readonly startedAt: string
    /** What it does: `loading the model`, `warm-up 2 of 3`, `trial 4 of 10`. */
    readonly step: string
    /** Finished trials, including warm-ups. */
    readonly done: number
    /** The maximum number of trials, including warm-ups. */
    readonly total: number
    readonly figures: ReadonlyArray<{
      readonly metric: string
      readonly title: string
      readonly unit: string
      /** In `unit`; its `cv` is a share. */
      readonly value: PageValue
    }>
  }
  /** Cells that come after it. */
  readonly next: ReadonlyArray<string>
  /** How many of the run's cells have their record. */
  readonly done: number
  /** How many cells the run has. */
  readonly cells: number
}

/** The first figures of the view `live` that a cell has. */
const SHOWN = 5

/** What a live page shows of a run. Pure. */
export const liveRun = ({ cells, done, next, running }: RunProgress, metrics?: ReadonlyArray<Metric>): LiveRun => ({
  ...(running === undefined ? {} : { cell: liveCell(running, metrics) }),
  next: next.map(({ backend, name, placement, scenario }) =>
    visible(`${name}, ${backend} on ${placement}, ${scenario}`),
  ),
  done,
  cells,
})

const liveCell = (
  { id, journal, values }: NonNullable<RunProgress["running"]>,
  metrics: ReadonlyArray<Metric> | undefined,
): NonNullable<LiveRun["cell"]> => {
  const { cell, startedAt } = journal.header
  const [trials, warmup] = [bounds(cell.protocol.trials).max, bounds(cell.protocol.warmup).max]
  const opening = journal.openings - 1
  const warm = journal.samples.filter((sample) => sample.phase === "warmup" && sample.opening === opening).length
  const measured = journal.samples.filter(({ phase }) => phase === "measured").length
  const step =
    journal.openings === 0
      ? "loading the model"
      : warm < warmup
        ? `warm-up ${warm + 1} of ${warmup}`
        : `trial ${Math.min(measured + 1, trials)} of ${trials}`
  return {
    id,
    name: visible(cell.config.name),
    backend: visible(cell.backend),
    placement: visible(placementName(cell.placement)),
    scenario: visible(scenarioName(cell.scenario)),
    startedAt,
    step,
    done: Math.min(warm, warmup) + Math.min(measured, trials),
    total: warmup + trials,
    figures: shownFirst(values, cell, metrics).map((value) => ({
      metric: value.metric,
      title: visible(value.title),
      unit: visible(value.unit),
      value: pageValue(value),
    })),
  }
}

const shownFirst = (
  values: ReadonlyArray<MetricValue>,
  { scenario, task }: CellSpec,
  metrics: ReadonlyArray<Metric> | undefined,
): ReadonlyArray<MetricValue> => {
  const columns = columnsOf("live", isLoad(scenario) ? "load" : task, metrics)
  const figures = columns.flatMap(({ listed, metric }) =>
    values
      .filter((value) => value.metric === metric.id && "summary" in value.result)
      .map((value) => ({ listed, value })),
  )
  // Those that request it are shown beside the first of Rigbook's.
  const own = figures.filter(({ listed }) => listed).slice(0, SHOWN)
  return [...own, ...figures.filter(({ listed }) => !listed)].map(({ value }) => value)
}
