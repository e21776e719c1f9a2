import type { Entry, RunRecord } from "@rigbook/core"
import { batchName, isBatch, medianOf, raisedOf, scenarioName, weightsName } from "@rigbook/core"
import { metricOf } from "@rigbook/records"
import { known, MISSING, significant } from "../format.ts"
import { dimensions, runtimeName } from "../names.ts"
import { REGISTRY_FOLDER } from "../paths.ts"
import { type Compared, compare, conditions } from "../Scaling.ts"
import { sideBySide, type SideBySide, speedOf, VARYING } from "../SideBySide.ts"
import { blocks, text } from "./escape.ts"
import { medianCell, recordLink } from "./figures.ts"
import { closing, figureColumns, PLACEMENT, type RecordColumn, type Showing, type StaleRecords } from "./overview.ts"
import { JUDGEMENT_RULE } from "./scaling.ts"
import { table } from "./table.ts"

const RULE =
  "Rows of one table differ only in what the table compares: engine and version, options, placement, host and prompts are equal. " +
  "Comparisons by placement and by engine are in each model's section below. Relative figures: " +
  JUDGEMENT_RULE

/** Runs of these entries that can be compared, in tables; nothing with fewer than two. */
export const comparisonSection = (entries: ReadonlyArray<Entry>, showing: Showing): string => {
  const groups = sideBySide(entries)
  const tables = VARYING.map((varying) => {
    const of = groups.filter((group) => group.varying === varying)
    return of.length === 0 ? "" : blocks(`### ${varying.title}`, ...of.map((group) => groupSection(group, showing)))
  }).filter((shown) => shown !== "")
  return tables.length === 0 ? "" : blocks("## Performance comparison", RULE, ...tables)
}

/** Embedding models compared at the same batches; nothing if none was measured. */
export const batchSection = (
  records: ReadonlyArray<RunRecord>,
  { stale }: Showing & { readonly stale: StaleRecords },
): string => {
  const tables = batchTables(records, stale)
  return tables === "" ? "" : blocks("## Performance comparison", tables)
}

/** Embedding models in rows, batches in columns, a table for each host and prompt set: a figure links to its record. */
const batchTables = (records: ReadonlyArray<RunRecord>, stale: StaleRecords): string => {
  const batches = records.filter(({ cell }) => isBatch(cell.scenario))
  const requested = [
    ...Map.groupBy(batches, ({ cell }) => JSON.stringify([cell.host.fingerprint, cell.prompts.sha256])).values(),
  ]
  return requested.length === 0
    ? ""
    : blocks("### Embedding models by batch", ...requested.map((of) => batchTable(of, stale)))
}

const batchTable = (records: ReadonlyArray<RunRecord>, stale: StaleRecords): string => {
  const { host, prompts } = records[0]!.cell
  const sizes = new Map(
    records
      .flatMap(({ cell: { scenario } }) => (isBatch(scenario) ? [scenario] : []))
      .toSorted((a, b) => a.documents - b.documents || a.batchSize - b.batchSize)
      .map((scenario) => [batchName(scenario), scenario] as const),
  )
  const rows = [
    ...Map.groupBy(records, (record) =>
      JSON.stringify([record.cell.config.id, conditions(record), record.cell.placement]),
    ).values(),
  ]
  const first = (show: RecordColumn): { header: string; cell: (row: ReadonlyArray<RunRecord>) => string } => ({
    ...show,
    cell: ([record]) => show.cell(record!),
  })
  return blocks(
    `Documents per second, prompts ${text(prompts.name)}, host ${text(host.fingerprint)}:`,
    table(
      [
        first({ header: "model", cell: ({ cell }) => text(cell.config.name) }),
        { ...first({ header: "dimensions", cell: (record) => String(dimensions(record) ?? MISSING) }), align: "right" },
        first({ header: "engine", cell: (record) => `${text(record.cell.backend)} (${text(runtimeName(record))})` }),
        first(PLACEMENT),
        ...[...sizes.keys()].map((size) => ({
          header: `${size} documents`,
          align: "right" as const,
          cell: (row: ReadonlyArray<RunRecord>) =>
            row
              .filter(({ cell: { scenario } }) => isBatch(scenario) && batchName(scenario) === size)
              .map((record) => linkedFigure(record, metricOf("throughput", "embed").id, stale))
              .join(", ") || MISSING,
        })),
        {
          header: "largest peak memory",
          align: "right" as const,
          cell: (row: ReadonlyArray<RunRecord>) => {
            const largest = row.reduce((most, record) => (peakOf(record) > peakOf(most) ? record : most))
            return linkedFigure(largest, MEMORY, stale)
          },
        },
      ],
      rows,
    ),
  )
}

const MEMORY = metricOf("memory", "embed").id

const peakOf = (record: RunRecord): number => medianOf(record, MEMORY) ?? -1

const linkedFigure = (record: RunRecord, id: string, stale: StaleRecords): string => {
  const shown = medianCell(record, id)
  return shown === MISSING
    ? MISSING
    : `${shown} (${recordLink(record, REGISTRY_FOLDER)}${stale.has(record.id) ? ", stale" : ""})`
}

const groupSection = ({ family, records, varying }: SideBySide, showing: Showing): string => {
  const [base] = records
  const { backend, config, host, scenario, task } = base.cell
  const { head, shelf = task } = varying
  const what = head === undefined ? family : config.name
  const requested = head === undefined ? `${text(scenarioName(scenario))}, ` : ""
  const speed = speedOf(varying, task)
  const figures = figureColumns("sizes", shelf, records, showing)
  const memory = figures.findIndex(({ metric }) => metric === MEMORY)
  const points = new Map(records.map((record) => [record, compare(base, record, speed)]))
  return blocks(
    `${text(what)}: ${requested}${text(backend)} (${text(runtimeName(base))}), host ${text(host.fingerprint)}:`,
    table(
      [
        ...(head === undefined ? QUANTIZED : [numbers(head), PLACEMENT]),
        ...figures.slice(0, memory),
        { header: "relative", align: "right", cell: (record) => relative(points.get(record)) },
        ...figures.slice(memory),
        ...closing(showing),
      ] satisfies ReadonlyArray<RecordColumn>,
      records,
    ),
  )
}

const relative = (point: Pick<Compared, "compared"> | undefined): string =>
  point?.compared === undefined
    ? MISSING
    : `${significant(point.compared.ratio, 3)} × ${point.compared.judgement === "base" ? "(base)" : `(${point.compared.judgement})`}`

const numbers = (header: string): RecordColumn => ({
  header,
  align: "right",
  cell: ({ cell }) => String(raisedOf(cell.scenario)),
})

const QUANTIZED: ReadonlyArray<RecordColumn> = [
  { header: "model", cell: ({ cell }) => text(cell.config.name) },
  { header: "quantization", cell: ({ cell }) => text(weightsName(cell.model)) },
  {
    header: "bits per weight",
    align: "right",
    cell: ({ cell: { model } }) => known((model.unpackedFrom ?? model).bitsPerWeight, (bits) => significant(bits, 3)),
  },
  PLACEMENT,
]
