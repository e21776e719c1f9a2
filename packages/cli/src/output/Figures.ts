import {
  isLoad,
  markedName,
  medianOf,
  type Metric,
  placementName,
  type RunRecord,
  scenarioName,
  type Verdict,
} from "@rigbook/core"
import { columnsOf } from "@rigbook/records"
import { styled } from "./Style.ts"

/** A record's main figures, in one line. */
export const headline = (record: RunRecord, metrics: ReadonlyArray<Metric>): string =>
  columnsOf("line", isLoad(record.cell.scenario) ? "load" : record.cell.task, metrics)
    .flatMap(({ head, metric: { id, unit } }) => {
      const value = medianOf(record, id)
      if (value === undefined) return []
      if (unit === "score") return `${head} ${figure(value)}${interval(record, id)}`
      return `${head} ${unit === "B" ? `${figure(value * 2 ** -20)} MiB` : `${figure(value)} ${unit}`}`.trim()
    })
    .join(", ")

/** ` (0.52 to 0.78)`: of a figure that has an interval. */
const interval = ({ values }: RunRecord, id: string): string => {
  const result = values.find(({ metric }) => metric === id)?.result
  if (result === undefined || "absent" in result) return ""
  const { high, low } = result.summary
  return low === undefined || high === undefined ? "" : ` (${figure(low)} to ${figure(high)})`
}

/** Three significant digits, or all of the whole number. */
export const figure = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)))

/** A cell's name, in words that `--filter` searches. */
export const cellName = ({ backend, config, model, placement, scenario }: RunRecord["cell"]): string =>
  [markedName(config.id, model), backend, placementName(placement), scenarioName(scenario)].join(" · ")

export const verdictWord = ({ reasons, status }: Verdict): string =>
  statusWord(
    status,
    reasons.map(({ code }) => code),
  )

/** A verdict by its status and the codes of its reasons. */
export const statusWord = (status: Verdict["status"], codes: ReadonlyArray<string>): string => {
  const color = { valid: "green", suspect: "yellow", invalid: "red" } as const
  const named = [...new Set(codes)].join(", ")
  return `${styled(color[status], status)}${named === "" ? "" : ` (${named})`}`
}
