import type { MetricValue, RunRecord, Summary } from "@rigbook/core"
import { MISSING, figure, percent, rangeText, withUnit } from "../format.ts"
import { recordPath, relativePath } from "../paths.ts"
import type { MemoryUnit } from "../Uncertain.ts"
import { blocks, href, text } from "./escape.ts"
import type { Column } from "./table.ts"
import { table } from "./table.ts"

/** Said once on a page that shows figures. */
export const LEGEND = `"${MISSING}" means not measured, never zero. Struck-through figures come from invalid runs: they don't mean what they say.`

/** A metric's median for an overview's cell; of memory in its column's unit. */
export const medianCell = (record: RunRecord, metric: string, memory?: MemoryUnit): string => {
  const value = record.values.find((candidate) => candidate.metric === metric)
  return value === undefined || "absent" in value.result
    ? MISSING
    : struck(record, figure(value.result.summary.median, value.unit, memory))
}

/** A figure marked by the record's verdict. */
export const struck = ({ verdict }: RunRecord, shown: string): string =>
  verdict.status === "invalid" ? `~~${shown}~~` : shown

/** A link from `folder` to the record that a figure comes from. */
export const recordLink = (record: RunRecord, folder: string, label?: string): string =>
  `[${label === undefined ? "record" : text(label)}](${addressOf(record, folder)})`

/** The way from a page in `folder` to a record. */
export const addressOf = (record: RunRecord, folder: string): string => {
  const known = addresses.get(record)
  if (known?.folder === folder) return known.address
  const address = href(relativePath(folder, recordPath(record)))
  addresses.set(record, { folder, address })
  return address
}

/** Each figure of a page has its record's, and a record does not move. */
const addresses = new WeakMap<RunRecord, { readonly folder: string; readonly address: string }>()

/** Every metric of a record with its interval, spread and number of trials, or the reason why it is missing. */
export const metricTable = (record: RunRecord, folder: string): string =>
  table(
    [
      METRIC,
      {
        ...median(record),
        cell: (value) =>
          "absent" in value.result ? `not measured: ${text(value.result.absent)}` : median(record).cell(value),
      },
      ...spreadColumns(record),
      { header: "record", cell: () => recordLink(record, folder) },
    ],
    record.values,
  )

/** The same of what was measured, and in a line what was not, by why; for a page that names the record above it. */
export const measuredTable = (record: RunRecord): string => {
  const measured = record.values.filter(({ result }) => "summary" in result)
  const absent = Map.groupBy(
    record.values.flatMap(({ result, title }) => ("absent" in result ? [{ title, why: result.absent }] : [])),
    ({ why }) => why,
  )
  const missing = [...absent].map(([why, of]) => `${of.map(({ title }) => text(title)).join(", ")} (${text(why)})`)
  return blocks(
    table([METRIC, median(record), ...spreadColumns(record)], measured),
    missing.length === 0 ? "" : `Not measured: ${missing.join("; ")}.`,
  )
}

const METRIC: Column<MetricValue> = { header: "metric", cell: ({ title, unit }) => text(withUnit(title, unit)) }

const median = (record: RunRecord): Column<MetricValue> => ({
  header: "median",
  align: "right",
  cell: ({ result, unit }) => ("summary" in result ? struck(record, figure(result.summary.median, unit)) : MISSING),
})

const spreadColumns = (record: RunRecord): ReadonlyArray<Column<MetricValue>> => {
  const of = (show: (summary: Summary, value: MetricValue) => string) => (value: MetricValue) =>
    "summary" in value.result ? show(value.result.summary, value) : MISSING
  return [
    { header: "95 % interval", align: "right", cell: of((summary, { unit }) => interval(record, summary, unit)) },
    { header: "CV (%)", align: "right", cell: of(({ cv }) => (cv === undefined ? MISSING : percent(cv))) },
    { header: "trials", align: "right", cell: of(({ n }) => String(n)) },
  ]
}

const interval = (record: RunRecord, { high, low }: Summary, unit: string): string =>
  low === undefined || high === undefined ? MISSING : struck(record, rangeText(low, high, unit))
