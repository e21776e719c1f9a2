import type { Importer } from "@rigbook/core"
import { Result, Schema } from "effect"

type ImportedDocuments = Parameters<Importer["read"]>[0]

/** Decodes documents of a tool; fails with the key that is missing or invalid. */
export const decoded = <S extends Schema.Decoder<unknown>>(schema: S) => {
  const decode = Schema.decodeUnknownResult(schema)
  return (document: unknown): Result.Result<S["Type"], string> =>
    Result.mapError(decode(document), ({ message }) => {
      const [what = "", where = ""] = message.split("\n")
      const key = [...where.matchAll(/\["?([^"\]]+)"?\]/g)].map(([, name]) => name).join(".")
      return what === "Missing key" ? `its key "${key}" is missing` : `its key "${key}": ${what}`
    })
}

/** Decodes all documents of a file; fails with what is wrong in the first that does not fit. */
export const all = <A>(
  documents: ImportedDocuments,
  decode: (document: unknown) => Result.Result<A, string>,
): Result.Result<readonly [A, ...ReadonlyArray<A>], string> => {
  const results = documents.map((document, at) =>
    Result.mapError(decode(document), (wrong) => (documents.length === 1 ? wrong : `in document ${at + 1} ${wrong}`)),
  )
  return Result.map(Result.all(results), ([first, ...rest]) => [first!, ...rest])
}

/** Tools whose files are known but can't be imported, each with the reason. */
const OTHERS: ReadonlyArray<{ readonly keys: ReadonlyArray<string>; readonly is: string }> = [
  { keys: ["load_summary", "successes"], is: "inference-perf: its summary names no model" },
  { keys: ["input_config", "request_latency"], is: "GenAI-Perf: run its successor AIPerf" },
  { keys: ["metadata", "metrics"], is: "AIPerf's records of single requests: import profile_export_aiperf.json" },
  {
    keys: ["elapsed_time", "tokens_per_second"],
    is: "vllm bench throughput: it counts prompt and output tokens together",
  },
  { keys: ["avg_latency", "latencies"], is: "vllm bench latency: it gives times of complete batches, and no model" },
  { keys: ["n_kv_max", "speed_tg"], is: "llama-batched-bench: it names no model" },
  { keys: ["doc_id", "filtered_resps"], is: "lm-eval's samples: import results_*.json" },
  {
    keys: ["mteb_dataset_name", "mteb_version"],
    is: "mteb before 1.11: it does not state which of the scores is the main one",
  },
]

/** The known tool of a document that no importer reads. */
export const resembles = (document: Record<string, unknown> | undefined): string | undefined =>
  document === undefined ? undefined : OTHERS.find(({ keys }) => keys.every((key) => key in document))?.is
