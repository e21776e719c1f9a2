import type { Entry, PlannedModel, Registry, RunRecord, Task, View } from "@rigbook/core"
import { KINDS, isQuality, visible } from "@rigbook/core"
import { columnsOf, METRICS, metricOf, type Shelf, type SoleRole, withRole } from "@rigbook/records"
import { capitalized } from "../../format.ts"
import { laddersOf } from "../../Ladders.ts"
import { isQualityMetric } from "../../QualityMetric.ts"
import { sideBySide } from "../../SideBySide.ts"
import type { PageColumns, PageData, PageMetric, PageSource } from "../PageData.ts"
import { pageComparisons } from "./comparisons.ts"
import { pageHosts } from "./hosts.ts"
import { pageModel } from "./model.ts"
import { partsOf } from "./parts.ts"
import { reasonsOf } from "./reasons.ts"
import { type Around, pageRun } from "./run.ts"
import { traceOf } from "./traces.ts"
import { pageFamilies } from "./variants.ts"

type Shown = Pick<Registry, "entries" | "metrics" | "reports" | "stale" | "telemetry"> & {
  readonly planned?: ReadonlyArray<PlannedModel>
}

/** What a page in `folder` shows of a registry, and of its telemetry if that is given. Pure. */
export const pageSource = (
  { entries, metrics, planned = [], reports, stale, telemetry = new Map() }: Shown,
  folder: string,
): PageSource => {
  const records = entries.flatMap((entry) => entry.records)
  const earlier = entries.flatMap((entry) => entry.earlier ?? [])
  const all = [...records, ...earlier]
  const parts = partsOf(all)
  const around: Around = { folder, parts, reasons: reasonsOf(all), reports, stale }
  return {
    models: entries.map((entry) => pageModel(entry, folder)),
    runs: {
      *[Symbol.iterator]() {
        for (const record of records) yield pageRun(record, around)
      },
    },
    earlier: earlier.map((record) => pageRun(record, around)),
    ...pageFamilies(entries, planned, records),
    hosts: pageHosts(all, planned),
    setups: parts.setups,
    proofs: parts.proofs,
    comparisons: pageComparisons(sideBySide(entries)),
    ladders: entries.flatMap(laddersIn),
    traces: records.flatMap((record) => traceOf(record, telemetry.get(record.id) ?? [])),
    metrics: metricsOf(all, metrics),
    raised: RAISED,
    columns: { runs: shelves("runs", metrics), sizes: shelves("sizes", metrics), ladders: shelves("ladders", metrics) },
    quality: qualityIds(records, metrics),
    roles: { speed: byTask("speed"), throughput: byTask("throughput"), wait: byTask("wait"), memory: byTask("memory") },
    reasons: around.reasons,
  }
}

const laddersIn = ({ records }: Entry): PageData["ladders"] =>
  laddersOf(records).map(({ raised, name, steps }) => ({
    by: raised.by,
    name: visible(name),
    steps: steps.map(({ record, size }) => ({ run: record.id, size })),
  }))

const RAISED: PageData["raised"] = Object.fromEntries(
  Object.values(KINDS)
    .toSorted((a, b) => Number(a.load) - Number(b.load))
    .flatMap(({ load, raised, task }) =>
      raised === undefined
        ? []
        : [[raised.by, { head: capitalized(raised.head), plot: raised.plot, shelf: load ? "load" : task }]],
    ),
)

const shelves = (view: View, metrics: Registry["metrics"]): PageColumns => {
  const ids = (shelf: Shelf) => columnsOf(view, shelf, metrics).map(({ metric }) => metric.id)
  return { generate: ids("generate"), embed: ids("embed"), load: ids("load") }
}

const byTask = (role: SoleRole): Readonly<Record<Task, string>> => ({
  generate: metricOf(role, "generate").id,
  embed: metricOf(role, "embed").id,
})

/** All of it at once. */
export const pageData = (source: PageSource): PageData => ({ ...source, runs: [...source.runs] })

/** Figures of quality that a run has, in the order of the metrics. */
const qualityIds = (records: ReadonlyArray<RunRecord>, metrics = METRICS): ReadonlyArray<string> => {
  const measured = new Set(
    records
      .filter(({ cell }) => isQuality(cell.scenario))
      .flatMap(({ values }) => values.flatMap(({ metric, result }) => ("summary" in result ? [metric] : []))),
  )
  return metrics.filter((metric) => isQualityMetric(metric) && measured.has(metric.id)).map(({ id }) => id)
}

const metricsOf = (records: ReadonlyArray<RunRecord>, all = METRICS): PageData["metrics"] => {
  const compared = new Set(withRole("compared", all).map(({ id }) => id))
  const definitions = new Map(all.map((metric) => [metric.id, metric]))
  const metrics = new Map<string, PageMetric>()
  for (const { values } of records)
    for (const { better, metric, title, unit } of values) {
      if (metrics.has(metric)) continue
      const known = definitions.get(metric)
      const label = known?.label
      metrics.set(metric, {
        title: visible(title),
        ...(label === undefined ? {} : { label: visible(label) }),
        unit: visible(unit),
        better,
        ...(compared.has(metric) ? { compared: true } : {}),
        ...(known !== undefined && isQualityMetric(known) ? { quality: true } : {}),
      })
    }
  return Object.fromEntries([...metrics].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
