import type { MetricValue, RunRecord } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import { list, text } from "./escape.ts"

const ORDER = METRICS.map(({ id }) => id)

/** One line for each metric that appears in the records: core's in their order, then those of plugins by name. */
export const metricDefinitions = (records: ReadonlyArray<RunRecord>): string => {
  const present = new Map(records.flatMap(({ values }) => values.map((value) => [value.metric, value] as const)))
  const others = [...present.keys()].filter((id) => !ORDER.includes(id)).toSorted()
  return list([...ORDER, ...others].flatMap((id) => present.get(id) ?? []).map(line))
}

const line = ({ better, definition, metric, title, unit }: MetricValue): string =>
  `**${text(title)}** (\`${metric.replaceAll("`", "")}\`, ${text(unit)}, ${better} is better): ${text(definition)}.`
