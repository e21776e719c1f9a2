import type { MetricValue, RunRecord } from "@rigbook/core"
import { placementName, scenarioName, weightsMark } from "@rigbook/core"
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
  "verdict",
  "record",
] as const

type Row = Readonly<Record<(typeof CSV_COLUMNS)[number], Cell>>

/** One row for each metric of a record; a record without any has one row that says why. */
export const csvRows = (record: RunRecord): ReadonlyArray<Row> =>
  record.values.length === 0
    ? [{ ...cellOf(record), ...NO_METRIC, absent: failureName(record) ?? "no metric was measured" }]
    : record.values.map((value) => ({ ...cellOf(record), ...figures(value) }))

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

const figures = ({ metric, result, unit }: MetricValue) => {
  if ("absent" in result) return { metric, unit, ...NO_FIGURE, absent: result.absent }
  const { cv = null, high = null, low = null, mean, median, n } = result.summary
  return { metric, unit, median, low, high, mean, cv, n, absent: null }
}
