import type { ImportedResult, Importer } from "@rigbook/core"
import { median, standardDeviation } from "@rigbook/records"
import { Result, Schema } from "effect"
import { taken, ReportedNumber } from "./Figures.ts"
import { all, decoded } from "./Refusal.ts"
import { settingsThatDiffer, shown } from "./Settings.ts"

/** Keys that releases have added are optional; before `backends` there was a key for each, such as `cuda`. */
const Row = Schema.StructWithRest(
  Schema.Struct({
    build_commit: Schema.optionalKey(Schema.String),
    build_number: Schema.Int,
    model_filename: Schema.NonEmptyString,
    model_type: Schema.NonEmptyString,
    backends: Schema.optionalKey(Schema.String),
    n_threads: Schema.Int,
    n_prompt: Schema.Int,
    n_gen: Schema.Int,
    n_depth: Schema.optionalKey(Schema.Int),
    test_time: Schema.NonEmptyString,
    samples_ts: Schema.NonEmptyArray(Schema.NullOr(ReportedNumber)),
  }),
  [Schema.Record(Schema.String, Schema.Unknown)],
)
type Row = typeof Row.Type

/** llama-bench's JSON and JSON lines (`-o json`, `-o jsonl`). */
export const llamaBench: Importer = {
  tool: "llama-bench",
  owns: (document) => "n_prompt" in document && "n_gen" in document && "build_commit" in document,
  read: (documents) =>
    Result.map(all(documents, decoded(Row)), (rows) => {
      const [first, ...rest] = rows
      const build = new Set(rows.map(buildOf)).size === 1 ? buildOf(first) : undefined
      const differing = settingsThatDiffer(rows, (key) => TOLD.has(key))
      const result = (row: Row) =>
        resultOf(row, [...(build === undefined ? [`build ${buildOf(row)}`] : []), ...differing(row)])
      return {
        tool: "llama-bench",
        ...(build === undefined ? {} : { version: build }),
        measuredAt: first.test_time,
        results: [result(first), ...rest.map(result)],
      }
    }),
}

/** Builds outside of a checkout have no number. */
const buildOf = ({ build_commit: commit = "", build_number: number }: Row): string =>
  number === 0 && commit !== "" ? commit : `b${number}`

/** How llama-bench calls its settings, and the values that are the default. */
const SETTINGS: ReadonlyArray<readonly [key: string, name: string, usual: ReadonlyArray<unknown>]> = [
  ["n_gpu_layers", "ngl", []],
  ["n_cpu_moe", "ncmoe", [0]],
  ["n_batch", "n_batch", [2048]],
  ["n_ubatch", "n_ubatch", [512]],
  ["type_k", "type_k", ["f16"]],
  ["type_v", "type_v", ["f16"]],
  ["split_mode", "sm", ["layer"]],
  ["main_gpu", "mg", [0]],
  ["no_kv_offload", "nkvo", [false, 0]],
  ["flash_attn", "fa", [-1, "auto"]],
  ["devices", "dev", ["auto", ""]],
  ["tensor_split", "ts", ["0.00", ""]],
  ["tensor_buft_overrides", "ot", ["none", ""]],
  ["no_op_offload", "nopo", [false, 0]],
  ["embeddings", "embd", [false, 0]],
]

/** Keys that hold results, or are part of a row's name. */
const TOLD: ReadonlySet<string> = new Set([
  ...SETTINGS.map(([key]) => key),
  "build_commit",
  "build_number",
  "model_filename",
  "model_type",
  "model_size",
  "model_n_params",
  "backends",
  "n_threads",
  "n_prompt",
  "n_gen",
  "n_depth",
  "test_time",
  "avg_ns",
  "stddev_ns",
  "avg_ts",
  "stddev_ts",
])

const settingsOf = (row: Row, backends: string): ReadonlyArray<string> =>
  SETTINGS.flatMap(([key, name, usual]) => {
    const value = row[key]
    if (value === undefined || value === null || usual.includes(value)) return []
    if (key !== "n_gpu_layers") return [`${name} ${typeof value === "boolean" ? Number(value) : shown(value)}`]
    if (/^(CPU|BLAS|,)*$/.test(backends)) return []
    return [value === 0 ? "ngl 0 (no layer on a GPU)" : `ngl ${value === -1 ? "auto" : shown(value)}`]
  })

const OLD_BACKENDS = ["cuda", "vulkan", "kompute", "metal", "sycl", "opencl", "gpu_blas", "blas"]

const resultOf = (row: Row, differing: ReadonlyArray<string>): ImportedResult => {
  const backends =
    row.backends ??
    OLD_BACKENDS.filter((name) => row[name] === true)
      .join(",")
      .toUpperCase()
  const { n_depth = 0, n_gen, n_prompt, n_threads, samples_ts: samples } = row
  const speeds = samples.filter((speed) => typeof speed === "number")
  const parts = [...(n_prompt > 0 ? [`pp${n_prompt}`] : []), ...(n_gen > 0 ? [`tg${n_gen}`] : [])]
  const name = parts.length === 0 ? "nothing" : parts.join("+")
  const unfit = samples.find((speed) => typeof speed !== "number" || speed <= 0)
  const deviation = standardDeviation(speeds)
  return {
    model: `${row.model_filename.split(/[\\/]/).at(-1)!} (${row.model_type})`,
    task: "generate",
    workload: [
      `${name}${n_depth === 0 ? "" : ` at depth ${n_depth}`}`,
      `${n_threads} threads`,
      `built for ${backends === "" ? "CPU" : backends}`,
      ...settingsOf(row, backends),
      ...differing,
    ].join(", "),
    ...taken({
      name,
      unit: "tokens/s",
      better: "higher",
      difference: "the engine alone, without tokenizing, sampling and a server: a client gets less",
      value: unfit === undefined ? median(speeds) : unfit,
      statistic: "median",
      n: samples.length,
      ...(deviation === undefined ? {} : { deviation }),
    }),
  }
}
