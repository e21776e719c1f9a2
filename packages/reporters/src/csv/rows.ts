import type { Estimate, MetricValue, PlannedModel, RunRecord } from "@rigbook/core"
import { estimatesOf, placementName, scenarioName, weightsMark } from "@rigbook/core"
import { failureName } from "../names.ts"

/** Numbers stay exact; `null` is an empty cell. */
export type Cell = string | number | null

/** The columns of the CSV files, in their order. */
export const CSV_COLUMNS = [
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
  "metric",
  "unit",
  "median",
  "low",
  "high",
  "mean",
  "cv",
  "n",
  "absent",
  "verdict",
  "record",
  "status",
  "family",
  "stale",
  "device",
  "estimate",
  "part",
  "found",
] as const

/** One line of a CSV file. */
export type Row = Readonly<Record<(typeof CSV_COLUMNS)[number], Cell>>

/** What the registry says of a record beside the record itself. */
export interface Standing {
  readonly family: string | null
  /** Why it is stale, in one text. */
  readonly stale: string | null
}

/**
 * One row for each metric of a record; a record without any has one row that says why. Then one for each part of a device
 * whose memory was estimated, its median being the error.
 */
export const csvRows = (record: RunRecord, { family, stale }: Standing): ReadonlyArray<Row> => {
  const cell = { ...cellOf(record), status: "measured", family, stale, ...NO_ESTIMATE }
  return [
    ...(record.values.length === 0
      ? [{ ...cell, ...NO_METRIC, absent: failureName(record) ?? "no metric was measured" }]
      : record.values.map((value) => ({ ...cell, ...figures(value) }))),
    ...estimatesOf(record).map((estimate) => ({ ...cell, ...NO_FIGURE, ...errorOf(estimate) })),
  ]
}

/** One row for each device of an estimate. An estimate has a column of its own, and is nobody's median. */
export const plannedRows = ({ estimates, host, id, name }: PlannedModel): ReadonlyArray<Row> => {
  const planned: Row = { ...NOTHING, ...NO_FIGURE, model: id, name, host: host ?? null, status: "planned" }
  const memory = { metric: "memory_estimate", unit: "B" }
  if ("absent" in estimates) return [{ ...planned, ...memory, absent: estimates.absent }]
  return estimates.flatMap(
    ({ backend, bitsPerWeight, devices, placement, quantization, refused, scenario }): ReadonlyArray<Row> => {
      const cell = { ...planned, ...memory, backend, scenario, quantization, bits_per_weight: bitsPerWeight }
      return placement === undefined
        ? [{ ...cell, absent: refused.map(({ reason, strategy }) => `${strategy}: ${reason}`).join("; ") }]
        : devices.map(({ bytes, device }) => ({
            ...cell,
            placement: placementName(placement),
            device,
            estimate: bytes,
          }))
    },
  )
}

const cellOf = ({ cell, id, verdict }: RunRecord) => {
  const { backend, config, host, model, placement, runtime, scenario } = cell
  const batch = scenario.kind === "batch" ? scenario : undefined
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
    bits_per_weight: model.bitsPerWeight,
    unpacked_from: model.unpackedFrom?.quantization ?? null,
    weights: weightsMark(model) ?? null,
    host: host.fingerprint,
    verdict: verdict.status,
    record: id,
  } satisfies Partial<Row>
}

const NO_FIGURE = { median: null, low: null, high: null, mean: null, cv: null, n: null }
const NOTHING = Object.fromEntries(CSV_COLUMNS.map((column) => [column, null])) as Record<keyof Row, null>
const NO_METRIC = { metric: null, unit: null, ...NO_FIGURE }

const NO_ESTIMATE = { device: null, estimate: null, part: null, found: null }

/** In percent of what was found; bytes beside it. */
const errorOf = ({ bytes, device, error, found, parts }: Estimate) => ({
  metric: "memory_estimate_error",
  unit: "%",
  median: "value" in error ? 100 * error.value : null,
  absent: "absent" in error ? error.absent : null,
  device,
  part: parts.join(" + "),
  estimate: bytes,
  found: "value" in found ? found.value : null,
})

const figures = ({ metric, result, unit }: MetricValue) => {
  if ("absent" in result) return { metric, unit, ...NO_FIGURE, absent: result.absent }
  const { cv = null, high = null, low = null, mean, median, n } = result.summary
  return { metric, unit, median, low, high, mean, cv, n, absent: null }
}
