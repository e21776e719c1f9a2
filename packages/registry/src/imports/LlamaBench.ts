import type { ImportedResult, Importer } from "@rigbook/core"
import { median, standardDeviation } from "@rigbook/records"
import { Option, Schema } from "effect"

const Row = Schema.Struct({
  build_number: Schema.Int,
  model_filename: Schema.NonEmptyString,
  model_type: Schema.NonEmptyString,
  backends: Schema.String,
  n_threads: Schema.Int,
  n_prompt: Schema.Int,
  n_gen: Schema.Int,
  n_depth: Schema.Int,
  test_time: Schema.NonEmptyString,
  samples_ts: Schema.NonEmptyArray(Schema.Finite),
})
type Row = typeof Row.Type

const decode = Schema.decodeUnknownOption(Schema.NonEmptyArray(Row))

/** llama-bench's JSON and JSON lines (`-o json`, `-o jsonl`). */
export const llamaBench: Importer = {
  tool: "llama-bench",
  read: (json) => {
    const rows = Option.getOrUndefined(decode(json))
    if (rows === undefined) return undefined
    const [first, ...rest] = rows
    return {
      tool: "llama-bench",
      version: `b${first.build_number}`,
      measuredAt: first.test_time,
      results: [resultOf(first), ...rest.map(resultOf)],
    }
  },
}

const resultOf = (row: Row): ImportedResult => {
  const deviation = standardDeviation(row.samples_ts)
  const depth = row.n_depth === 0 ? "" : ` at depth ${row.n_depth}`
  const parts = [...(row.n_prompt > 0 ? [`pp${row.n_prompt}`] : []), ...(row.n_gen > 0 ? [`tg${row.n_gen}`] : [])]
  return {
    model: `${row.model_filename.split(/[\\/]/).at(-1)!} (${row.model_type})`,
    task: "generate",
    workload: `${parts.join("+")}${depth}, ${row.n_threads} threads, built for ${row.backends}`,
    figures: [
      {
        name: parts.join("+"),
        unit: "tokens/s",
        better: "higher",
        difference: "the bare engine, without tokenizing, sampling and a server: a client sees less",
        value: median(row.samples_ts),
        statistic: "median",
        n: row.samples_ts.length,
        ...(deviation === undefined ? {} : { deviation }),
      },
    ],
    leftOut: [],
  }
}
