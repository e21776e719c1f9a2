import type { MetricValue, RunRecord, Summary } from "@rigbook/core"
import { MISSING, figure, percent, withUnit } from "../format.ts"
import { recordPath, relativePath } from "../paths.ts"
import { href, text } from "./escape.ts"
import type { Column } from "./table.ts"
import { table } from "./table.ts"

/** Said once on a page that shows figures. */
export const LEGEND = `"${MISSING}" means not measured, never zero. Struck-through figures come from invalid runs: they don't mean what they say.`

/** A metric's median for an overview's cell. */
export const medianCell = (record: RunRecord, metric: string): string => {
  const value = record.values.find((candidate) => candidate.metric === metric)
  return value === undefined || "absent" in value.result
    ? MISSING
    : struck(record, figure(value.result.summary.median, value.unit))
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
export const metricTable = (record: RunRecord, folder: string): string => {
  const of = (show: (summary: Summary, value: MetricValue) => string) => (value: MetricValue) =>
    "summary" in value.result ? show(value.result.summary, value) : MISSING
  const columns: ReadonlyArray<Column<MetricValue>> = [
    { header: "metric", cell: ({ title, unit }) => text(withUnit(title, unit)) },
    {
      header: "median",
      align: "right",
      cell: ({ result, unit }) =>
        "summary" in result
          ? struck(record, figure(result.summary.median, unit))
          : `not measured: ${text(result.absent)}`,
    },
    { header: "95 % interval", align: "right", cell: of((summary, { unit }) => interval(record, summary, unit)) },
    { header: "CV (%)", align: "right", cell: of(({ cv }) => (cv === undefined ? MISSING : percent(cv))) },
    { header: "trials", align: "right", cell: of(({ n }) => String(n)) },
    { header: "record", cell: () => recordLink(record, folder) },
  ]
  return table(columns, record.values)
}

const interval = (record: RunRecord, { high, low }: Summary, unit: string): string =>
  low === undefined || high === undefined ? MISSING : struck(record, `${figure(low, unit)} to ${figure(high, unit)}`)
