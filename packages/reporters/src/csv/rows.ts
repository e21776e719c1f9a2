import type { Estimate, MetricValue, PlannedModel, RunRecord } from "@rigbook/core"
import { isBatch, placementName, scenarioName, weightsMark } from "@rigbook/core"
import { estimatesOf } from "@rigbook/records"
import type { LossRow } from "@rigbook/registry"
import { failureName } from "../names.ts"

/** Numbers stay exact; `null` is an empty cell. */
export type Cell = string | number | null

/** What was run, and where. */
export const RUN_COLUMNS = [
  "model",
  "name",
  "backend",
  "runtime_version",
  "placement",
  "scenario",
  "documents",
  "batch_size",
  "quantization",
  "bits_per_weight",
  "unpacked_from",
  "weights",
  "host",
] as const

/** What was measured. */
export const FIGURE_COLUMNS = ["metric", "unit", "median", "low", "high", "mean", "cv", "n", "absent"] as const

/** How far the run can be trusted. */
export const STANDING_COLUMNS = ["verdict", "record", "status", "family", "stale"] as const

/** What was estimated. */
export const ESTIMATE_COLUMNS = ["device", "estimate", "part", "found"] as const

type Cells<Columns extends ReadonlyArray<string>> = Readonly<Record<Columns[number], Cell>>

/** One line of a CSV file: what all lines of a run share, and this line's own values. */
export interface Row {
  readonly run: Cells<typeof RUN_COLUMNS> & Cells<typeof STANDING_COLUMNS>
  readonly figure: Cells<typeof FIGURE_COLUMNS> & Cells<typeof ESTIMATE_COLUMNS>
}

/** What the registry says of a record beside the record itself. */
export interface Standing {
  readonly family: string | null
  /** Why it is stale, in one text. */
  readonly stale: string | null
  /** What the same file loses, in the same engine with the same cache. */
  readonly loss: LossRow | undefined
}

/**
 * One row for each metric of a record; a record without any has one row with the reason. Then one for each part of a
 * device whose memory was estimated, its median being the error.
 */
export const csvRows = (record: RunRecord, { family, loss, stale }: Standing): ReadonlyArray<Row> => {
  const run = { ...runOf(record), status: "measured", family, stale }
  const figures =
    record.values.length === 0
      ? [{ ...NO_FIGURE, absent: failureName(record) ?? "no metric was measured" }]
      : record.values.map(figureOf)
  const rows = [...figures, ...(loss === undefined ? [] : lossFigures(loss)), ...estimatesOf(record).map(errorOf)]
  return rows.map((figure) => ({ run, figure }))
}

/** Beside a speed what it costs, so that one row of a pivot has both; `pareto_front` is 1 or 0. */
const lossFigures = ({ loss, onFront }: LossRow): ReadonlyArray<Row["figure"]> => [
  ...loss.values.filter(({ metric }) => metric === "kld_mean").map(figureOf),
  { ...NO_FIGURE, metric: "pareto_front", median: onFront ? 1 : 0 },
]

/** One row for each device of an estimate. An estimate has its own column, and is never a median. */
export const plannedRows = ({ estimates, host, id, name }: PlannedModel): ReadonlyArray<Row> => {
  const planned = { ...NO_RUN, model: id, name, host: host ?? null, status: "planned" }
  const memory = { ...NO_FIGURE, metric: "memory_estimate", unit: "B" }
  if ("absent" in estimates) return [{ run: planned, figure: { ...memory, absent: estimates.absent } }]
  return estimates.flatMap(
    ({ backend, bitsPerWeight, devices, placement, quantization, refused, scenario }): ReadonlyArray<Row> => {
      const run = { ...planned, backend, scenario, quantization, bits_per_weight: bitsPerWeight }
      if (placement === undefined) {
        const absent = refused.map(({ reason, strategy }) => `${strategy}: ${reason}`).join("; ")
        return [{ run, figure: { ...memory, absent } }]
      }
      const placed = { ...run, placement: placementName(placement) }
      return devices.map(({ bytes, device }) => ({ run: placed, figure: { ...memory, device, estimate: bytes } }))
    },
  )
}

const runOf = ({ cell, id, verdict }: RunRecord) => {
  const { backend, config, host, model, placement, runtime, scenario } = cell
  const batch = isBatch(scenario) ? scenario : undefined
  return {
    model: config.id,
    name: config.name,
    backend,
    runtime_version: runtime.version,
    placement: placementName(placement),
    scenario: scenarioName(scenario),
    documents: batch?.documents ?? null,
    batch_size: batch?.batchSize ?? null,
    quantization: model.quantization,
    bits_per_weight: model.bitsPerWeight ?? null,
    unpacked_from: model.unpackedFrom?.quantization ?? null,
    weights: weightsMark(model) ?? null,
    host: host.fingerprint,
    verdict: verdict.status,
    record: id,
  }
}

const noneOf = <Columns extends ReadonlyArray<string>>(...columns: Columns): Cells<Columns> =>
  Object.fromEntries(columns.map((column) => [column, null])) as Record<Columns[number], null>

const NO_RUN = noneOf(...RUN_COLUMNS, ...STANDING_COLUMNS)
const NO_FIGURE = noneOf(...FIGURE_COLUMNS, ...ESTIMATE_COLUMNS)

/** In percent of what was observed; bytes beside it. */
const errorOf = ({ bytes, device, error, found, parts }: Estimate): Row["figure"] => ({
  ...NO_FIGURE,
  metric: "memory_estimate_error",
  unit: "%",
  median: "value" in error ? 100 * error.value : null,
  absent: "absent" in error ? error.absent : null,
  device,
  part: parts.join(" + "),
  estimate: bytes,
  found: "value" in found ? found.value : null,
})

const figureOf = ({ metric, result, unit }: MetricValue): Row["figure"] => {
  if ("absent" in result) return { ...NO_FIGURE, metric, unit, absent: result.absent }
  const { cv = null, high = null, low = null, mean, median, n } = result.summary
  return { ...NO_FIGURE, metric, unit, median, low, high, mean, cv, n }
}
