import type { Estimate, MetricValue, RunRecord } from "@rigbook/core"
import { estimatesOf, placementName, scenarioName, weightsMark } from "@rigbook/core"
import { failureName } from "../names.ts"

type Cell = string | number | null

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
  "device",
  "part",
  "estimated",
  "found",
  "verdict",
  "record",
] as const

type Row = Readonly<Record<(typeof CSV_COLUMNS)[number], Cell>>

/**
 * One row for each metric of a record; a record without any has one row that says why. Then one for each part of a device
 * whose memory was estimated, its median being the error.
 */
export const csvRows = (record: RunRecord): ReadonlyArray<Row> => {
  const cell = cellOf(record)
  const absent = failureName(record) ?? "no metric was measured"
  return [
    ...(record.values.length === 0
      ? [{ ...cell, ...NO_METRIC, ...NO_ESTIMATE, absent }]
      : record.values.map((value) => ({ ...cell, ...figures(value), ...NO_ESTIMATE }))),
    ...estimatesOf(record).map((estimate) => ({ ...cell, ...NO_FIGURE, ...errorOf(estimate) })),
  ]
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
const NO_METRIC = { metric: null, unit: null, ...NO_FIGURE }

const NO_ESTIMATE = { device: null, part: null, estimated: null, found: null }

/** In percent of what was found; bytes beside it. */
const errorOf = ({ bytes, device, error, found, parts }: Estimate) => ({
  metric: "memory_estimate_error",
  unit: "%",
  median: "value" in error ? 100 * error.value : null,
  absent: "absent" in error ? error.absent : null,
  device,
  part: parts.join(" + "),
  estimated: bytes,
  found: "value" in found ? found.value : null,
})

const figures = ({ metric, result, unit }: MetricValue) => {
  if ("absent" in result) return { metric, unit, ...NO_FIGURE, absent: result.absent }
  const { cv = null, high = null, low = null, mean, median, n } = result.summary
  return { metric, unit, median, low, high, mean, cv, n, absent: null }
}
