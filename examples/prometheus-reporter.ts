import type { Reporter, RunRecord } from "@rigbook/core"

/** As Prometheus' text format quotes the values of labels. */
const label = (text: string): string =>
  `"${text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll(/[\r\n]+/g, "\\n")}"`

const lines = ({ cell: { backend, config }, id, values, verdict }: RunRecord): ReadonlyArray<string> => {
  const reasons = verdict.reasons.map(({ code }) => code).join(" ")
  const about = Object.entries({ record: id, model: config.name, backend, verdict: verdict.status, reasons })
  const labels = about.map(([name, value]) => `${name}=${label(value)}`).join(",")
  // An absent figure has no line: Prometheus knows no reasons.
  const figures = values.flatMap(({ metric, result, unit }) =>
    "summary" in result
      ? [`rigbook_figure{metric=${label(metric)},unit=${label(unit)},${labels}} ${result.summary.median}`]
      : [],
  )
  return [`rigbook_record{${labels}} 1`, ...figures]
}

const exposition = (records: ReadonlyArray<RunRecord>): string =>
  records.flatMap(lines).toSorted().join("\n") + (records.length === 0 ? "" : "\n")

/** The medians of all records, for node_exporter's collector of text files. */
export const prometheus: Reporter = {
  id: "prometheus",
  extension: "prom",
  registry: ({ entries }) => exposition(entries.flatMap(({ records }) => records)),
  report: exposition,
}
