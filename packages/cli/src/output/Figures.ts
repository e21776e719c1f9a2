import { isLoad, markedName, medianOf, placementName, type RunRecord, scenarioName, type Verdict } from "@rigbook/core"
import { styleText } from "node:util"

/** Of many requests at once: what one of them waits for, and what all of them come to. */
const LOAD = [
  ["TTFT", "ttft", "ms", 1],
  ["per token", "tpot", "ms", 1],
  ["output", "output_tps", "tokens/s", 1],
  ["goodput", "goodput", "requests/s", 1],
  ["peak memory", "memory_peak", "MiB", 2 ** -20],
] as const

/** The figures that say most about a record, in one line. */
export const headline = (record: RunRecord): string => {
  const figures: ReadonlyArray<readonly [label: string, metric: string, unit: string, scale: number]> = isLoad(
    record.cell.scenario,
  )
    ? LOAD
    : record.cell.task === "generate"
      ? [
          ["TTFT", "ttft", "ms", 1],
          ["decode", "decode_tps_user", "tokens/s", 1],
          ["prefill", "prefill_tps", "tokens/s", 1],
          ["peak memory", "memory_peak", "MiB", 2 ** -20],
        ]
      : [
          ["", "docs_per_s", "docs/s", 1],
          ["", "embed_tokens_per_s", "tokens/s", 1],
          ["peak memory", "memory_peak", "MiB", 2 ** -20],
        ]
  return figures
    .map(([label, metric, unit, scale]) => {
      const value = medianOf(record, metric)
      return value === undefined ? undefined : `${label} ${figure(value * scale)} ${unit}`.trim()
    })
    .filter((text) => text !== undefined)
    .join(", ")
}

/** Three significant digits, or all of the whole number. */
export const figure = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)))

/** What a cell is, in words that `--filter` looks through. */
export const cellName = ({ backend, config, model, placement, scenario }: RunRecord["cell"]): string =>
  [markedName(config.id, model), backend, placementName(placement), scenarioName(scenario)].join(" · ")

export const verdictWord = ({ reasons, status }: Verdict): string => {
  const color = { valid: "green", suspect: "yellow", invalid: "red" } as const
  const codes = [...new Set(reasons.map(({ code }) => code))].join(", ")
  return `${styleText(color[status], status)}${codes === "" ? "" : ` (${codes})`}`
}
