import type { Metric, RunRecord, View } from "@rigbook/core"
import { batchName, isBatch, isQuality, medianOf, scenarioName, weightsName } from "@rigbook/core"
import { columnsOf, type Shelf } from "@rigbook/records"
import { known, MISSING, significant } from "../format.ts"
import { dimensions, placementName } from "../names.ts"
import { type MemoryUnit, memoryUnit } from "../Uncertain.ts"
import { text } from "./escape.ts"
import { medianCell, recordLink } from "./figures.ts"
import type { Column } from "./table.ts"
import { table } from "./table.ts"
import { verdictCell } from "./verdict.ts"

export type RecordColumn = Column<RunRecord>

/** Why records are stale, by id. */
export type StaleRecords = ReadonlyMap<string, ReadonlyArray<string>>
const NONE: StaleRecords = new Map()

/**
 * What tables of runs are made with: the folder of their page, which runs are stale, and which metrics may request
 * columns.
 */
export interface Showing {
  readonly folder: string
  readonly stale?: StaleRecords
  readonly metrics?: ReadonlyArray<Metric> | undefined
}

/** One row for each run of a language model. */
export const languageTable = (records: ReadonlyArray<RunRecord>, showing: Showing): string => {
  const runs = records.filter(({ cell }) => cell.task === "generate" && !isQuality(cell.scenario))
  return table(
    [
      MODEL,
      QUANTIZATION,
      BACKEND,
      PLACEMENT,
      ...hostColumn(records),
      { header: "scenario", cell: ({ cell }) => text(scenarioName(cell.scenario)) },
      ...figureColumns("runs", "generate", runs, showing),
      ...closing(showing),
    ],
    runs,
  )
}

/** One row for each run of an embedding model. */
export const embeddingTable = (records: ReadonlyArray<RunRecord>, showing: Showing): string => {
  const runs = records.filter(({ cell }) => cell.task === "embed" && !isQuality(cell.scenario))
  return table(
    [
      MODEL,
      { header: "dimensions", align: "right", cell: (record) => String(dimensions(record) ?? MISSING) },
      BACKEND,
      PLACEMENT,
      ...hostColumn(records),
      { header: "documents × batch size", align: "right", cell: batchCell },
      ...figureColumns("runs", "embed", runs, showing),
      ...closing(showing),
    ],
    runs,
  )
}

const MODEL: RecordColumn = { header: "model", cell: ({ cell }) => text(cell.config.name) }
const QUANTIZATION: RecordColumn = {
  header: "quantization (bits per weight)",
  cell: ({ cell: { model } }) =>
    `${text(weightsName(model))} (${known((model.unpackedFrom ?? model).bitsPerWeight, (bits) => significant(bits, 3))})`,
}
const BACKEND: RecordColumn = { header: "backend", cell: ({ cell }) => text(cell.backend) }
export const PLACEMENT: RecordColumn = { header: "placement", cell: (record) => text(placementName(record)) }
const HOST: RecordColumn = { header: "host", cell: ({ cell }) => text(cell.host.fingerprint) }

/** One host needs no column; the figures of two must not be confused. */
const hostColumn = (records: ReadonlyArray<RunRecord>): ReadonlyArray<RecordColumn> =>
  new Set(records.map(({ cell }) => cell.host.fingerprint)).size > 1 ? [HOST] : []

/** The medians of a view's metrics; those that are not Rigbook's columns only if one of the runs has a figure. */
export const figureColumns = (
  view: View,
  shelf: Shelf,
  records: ReadonlyArray<RunRecord>,
  { metrics }: Pick<Showing, "metrics">,
): ReadonlyArray<MetricColumn> =>
  columnsOf(view, shelf, metrics)
    .filter(({ listed, metric }) => listed || isMeasured(records, metric))
    .map((column) => metricColumn(column, records, medianCell))

/** A column of one metric. */
export type MetricColumn = RecordColumn & { readonly metric: string }

export const isMeasured = (records: ReadonlyArray<RunRecord>, { id }: Metric): boolean =>
  records.some((record) => medianOf(record, id) !== undefined)

/** A metric's column, in which memory is in one unit. */
export const metricColumn = (
  { head, metric: { id } }: ReturnType<typeof columnsOf>[number],
  records: ReadonlyArray<RunRecord>,
  cellOf: (record: RunRecord, metric: string, memory: MemoryUnit) => string,
): MetricColumn => {
  const memory = memoryUnit(records.map((record) => medianOf(record, id)))
  return { metric: id, header: text(head), align: "right", cell: (record) => cellOf(record, id, memory) }
}

/** What every row of a run ends with. */
export const closing = ({ folder, stale = NONE }: Showing): ReadonlyArray<RecordColumn> => [
  {
    header: "verdict",
    cell: (record) => `${verdictCell(record)}${stale.has(record.id) ? "; **stale**" : ""}`,
  },
  { header: "record", cell: (record) => recordLink(record, folder) },
]

const batchCell = ({ cell: { scenario } }: RunRecord): string =>
  isBatch(scenario) ? batchName(scenario) : text(scenarioName(scenario))
