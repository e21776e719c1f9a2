import type { MetricValue, RunRecord } from "@rigbook/core"
import { list, text } from "./escape.ts"

/** How core's metrics are defined, in the order in which a page explains them. A trial gives one value. */
const DEFINITIONS: ReadonlyMap<string, string> = new Map([
  ["ttft", "time of the first chunk with a token − time the request was sent"],
  ["tpot", "(`e2e` − `ttft`) / (output tokens − tokens of the first chunk)"],
  ["icl", "time between two chunks that follow each other"],
  ["e2e", "time of the last chunk with a token − time the request was sent"],
  ["prefill_tps", "prompt tokens that were computed / `ttft`"],
  ["decode_tps_user", "1000 / `tpot`: how fast one stream is written"],
  ["output_tps", "output tokens of all requests / (end of the last request − start of the first)"],
  ["docs_per_s", "documents / (end of the last call − start of the first)"],
  ["embed_tokens_per_s", "tokens of all documents / (end of the last call − start of the first)"],
  ["ms_per_doc", "1000 / `docs_per_s`"],
  ["batch_latency", "end of one call − its start"],
  ["load_s", "time from the engine's start until it was ready"],
  ["memory_peak", "largest resident memory of the engine's process tree while a trial ran"],
  ["memory_mean", "mean resident memory of the engine's process tree while a trial ran"],
])

/** One line for each metric that appears in the records. */
export const metricDefinitions = (records: ReadonlyArray<RunRecord>): string => {
  const seen = new Map(records.flatMap(({ values }) => values.map((value) => [value.metric, value] as const)))
  const known = [...DEFINITIONS.keys()].filter((id) => seen.has(id))
  const others = [...seen.keys()].filter((id) => !DEFINITIONS.has(id)).toSorted()
  return list([...known, ...others].map((id) => definition(seen.get(id)!)))
}

const definition = ({ better, metric, title, unit }: MetricValue): string => {
  const formula = DEFINITIONS.get(metric) ?? "defined by the plugin that brings it"
  return `**${text(title)}** (\`${metric.replaceAll("`", "")}\`, ${text(unit)}, ${better} is better): ${formula}.`
}
