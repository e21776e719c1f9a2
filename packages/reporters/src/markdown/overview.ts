import type { RunRecord } from "@rigbook/core"
import { batchName, scenarioName, weightsName } from "@rigbook/core"
import { MISSING, significant } from "../format.ts"
import { dimensions, placementName } from "../names.ts"
import { text } from "./escape.ts"
import { medianCell, recordLink } from "./figures.ts"
import type { Column } from "./table.ts"
import { table } from "./table.ts"
import { verdictCell } from "./verdict.ts"

export type RecordColumn = Column<RunRecord>

/** Why records are stale, by id. */
export type StaleRecords = ReadonlyMap<string, ReadonlyArray<string>>
const NONE: StaleRecords = new Map()

/** One row for each run of a language model. `folder` is where the page lies. */
export const languageTable = (records: ReadonlyArray<RunRecord>, folder: string, stale = NONE): string => {
  const runs = records.filter(({ cell }) => cell.task === "generate")
  return table(
    [
      MODEL,
      QUANTIZATION,
      BACKEND,
      PLACEMENT,
      ...hostColumn(records),
      { header: "scenario", cell: ({ cell }) => text(scenarioName(cell.scenario)) },
      metric("TTFT (ms)", "ttft"),
      metric("decode (tokens/s)", "decode_tps_user"),
      metric("prefill (tokens/s)", "prefill_tps"),
      ...closing(folder, stale),
    ],
    runs,
  )
}

/** One row for each run of an embedding model. `folder` is where the page lies. */
export const embeddingTable = (records: ReadonlyArray<RunRecord>, folder: string, stale = NONE): string => {
  const runs = records.filter(({ cell }) => cell.task === "embed")
  return table(
    [
      MODEL,
      { header: "dimensions", align: "right", cell: (record) => String(dimensions(record) ?? MISSING) },
      BACKEND,
      PLACEMENT,
      ...hostColumn(records),
      { header: "documents × batch size", align: "right", cell: batchCell },
      metric("docs/s", "docs_per_s"),
      metric("tokens/s", "embed_tokens_per_s"),
      metric("ms per doc", "ms_per_doc"),
      ...closing(folder, stale),
    ],
    runs,
  )
}

const MODEL: RecordColumn = { header: "model", cell: ({ cell }) => text(cell.config.name) }
const QUANTIZATION: RecordColumn = {
  header: "quantization (bits per weight)",
  cell: ({ cell: { model } }) =>
    `${text(weightsName(model))} (${significant((model.unpackedFrom ?? model).bitsPerWeight, 3)})`,
}
const BACKEND: RecordColumn = { header: "backend", cell: ({ cell }) => text(cell.backend) }
export const PLACEMENT: RecordColumn = { header: "placement", cell: (record) => text(placementName(record)) }
const HOST: RecordColumn = { header: "host", cell: ({ cell }) => text(cell.host.fingerprint) }

/** One host needs no column; the figures of two must not be taken for each other. */
const hostColumn = (records: ReadonlyArray<RunRecord>): ReadonlyArray<RecordColumn> =>
  new Set(records.map(({ cell }) => cell.host.fingerprint)).size > 1 ? [HOST] : []

/** A column of one metric's medians. */
export const metric = (header: string, id: string): RecordColumn => ({
  header,
  align: "right",
  cell: (record) => medianCell(record, id),
})

/** What every row of a run ends with. */
export const closing = (folder: string, stale = NONE): ReadonlyArray<RecordColumn> => [
  metric("peak memory", "memory_peak"),
  {
    header: "verdict",
    cell: (record) => `${verdictCell(record)}${stale.has(record.id) ? "; **stale**" : ""}`,
  },
  { header: "record", cell: (record) => recordLink(record, folder) },
]

const batchCell = ({ cell: { scenario } }: RunRecord): string =>
  scenario.kind === "batch" ? batchName(scenario) : text(scenarioName(scenario))
