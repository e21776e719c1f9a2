import type { Metric, RunRecord, Stars, View } from "@rigbook/core"
import { columnsOf, type Shelf } from "@rigbook/records"
import { MISSING } from "../../format.ts"
import { type MemoryUnit, uncertain } from "../../Uncertain.ts"
import { text } from "../escape.ts"
import { struck } from "../figures.ts"
import { isMeasured, type MetricColumn, metricColumn } from "../overview.ts"

/** A metric's median, rounded to its interval and with it; of memory in its column's unit. */
export const uncertainCell = (record: RunRecord, metric: string, memory?: MemoryUnit): string => {
  const value = record.values.find((candidate) => candidate.metric === metric)
  return value === undefined || "absent" in value.result
    ? MISSING
    : struck(record, uncertain(value.result.summary, value.unit, memory))
}

/** A view's figures with their intervals; of what is not Rigbook's columns, where one of the runs has a figure. */
export const uncertainColumns = (
  view: View,
  shelf: Shelf,
  records: ReadonlyArray<RunRecord>,
  metrics: ReadonlyArray<Metric> | undefined,
): ReadonlyArray<MetricColumn> =>
  columnsOf(view, shelf, metrics)
    .filter(({ metric }) => isMeasured(records, metric))
    .map((column) => metricColumn(column, records, uncertainCell))

/** `★★★½` */
export const starsMark = ({ stars }: Pick<Stars, "stars">): string =>
  `${"★".repeat(Math.floor(stars))}${stars % 1 === 0 ? "" : "½"}`

/** Figures of a run in a line: `TTFT 662 ± 16 ms, decode 98 ± 7 tokens/s`. Escaped. */
export const figuresLine = (record: RunRecord, most: number): string =>
  columnsOf("line", record.cell.task)
    .flatMap(({ head, metric }) => {
      const shown = uncertainCell(record, metric.id)
      const unit = metric.unit === "B" ? "" : ` ${metric.unit}`
      return shown === MISSING ? [] : [text([head, `${shown}${unit}`].filter((part) => part !== "").join(" "))]
    })
    .slice(0, most)
    .join(", ")
