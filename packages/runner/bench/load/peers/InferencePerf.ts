import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { nameOfAnswer } from "../ServerLog.ts"
import { flags, milliseconds, type Peer, PROMPT_TOKENS } from "./Peer.ts"

const Chunk = Schema.fromJsonString(Schema.Struct({ id: Schema.String }))

const Request = Schema.Struct({
  start_time: Schema.Finite,
  error: Schema.Null,
  info: Schema.Struct({
    response_metrics: Schema.Struct({
      response_chunks: Schema.NonEmptyArray(Schema.String),
      chunk_times: Schema.NonEmptyArray(Schema.Finite),
    }),
  }),
})

const Requests = Schema.fromJsonString(Schema.Array(Request))

const each = (name: string, tokens: number): Readonly<Record<string, number>> => ({
  [`data.${name}_distribution.min`]: tokens,
  [`data.${name}_distribution.max`]: tokens,
  [`data.${name}_distribution.mean`]: tokens,
  [`data.${name}_distribution.std_dev`]: 0,
})

/**
 * inference-perf. Its times to the first token are from just before its HTTP client is called; its chunks are the events
 * with text. Its own gaps are of the text's tokens as its tokenizer counts them again, which a made-up one does wrongly:
 * here they are of the chunks. It sends no id, but keeps the chunks, and in them that of the answer.
 */
export const inferencePerf: Peer = {
  name: "inference-perf",
  command: "inference-perf",
  words: ({ folder, outputTokens, port, requests, streams }) =>
    flags({
      "server.type": "vllm",
      "server.base_url": `http://127.0.0.1:${port}`,
      "server.model_name": "synth",
      "api.type": "completion", // all that its random prompts are for
      "api.streaming": "true",
      "data.type": "random",
      ...each("input", PROMPT_TOKENS),
      ...each("output", outputTokens),
      "load.type": "concurrent",
      "load.stages": JSON.stringify([{ num_requests: requests, concurrency_level: streams }]),
      "tokenizer.pretrained_model_name_or_path": folder,
      "report.request_lifecycle.per_request": "true",
      "report.request_lifecycle.per_request_fields.request": "false",
      "report.request_lifecycle.per_request_fields.response": "false",
      "storage.local_storage.path": folder,
    }),
  reported: ({ folder }) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const text = yield* fs.readFileString(join(folder, "per_request_lifecycle_metrics.json"))
      const requests = yield* Schema.decodeUnknownEffect(Requests)(text)
      const reported = yield* Effect.forEach(requests, ({ info: { response_metrics: metrics }, start_time: start }) =>
        Effect.map(Schema.decodeUnknownEffect(Chunk)(metrics.response_chunks[0]), ({ id }) => {
          const times = metrics.chunk_times
          const gaps = times.slice(1).map((at, index) => milliseconds(at - times[index]!))
          return [nameOfAnswer(id), { ttft: milliseconds(times[0] - start), gaps }] as const
        }),
      )
      return new Map(reported)
    }),
}
