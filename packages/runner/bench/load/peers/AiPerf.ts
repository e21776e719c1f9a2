import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { flags, type Peer, PROMPT_TOKENS } from "./Peer.ts"

const Line = Schema.fromJsonString(
  Schema.Struct({
    metadata: Schema.Struct({ x_request_id: Schema.String, benchmark_phase: Schema.String }),
    metrics: Schema.Struct({
      time_to_first_token: Schema.Struct({ value: Schema.Finite }),
      inter_chunk_latency: Schema.Struct({ value: Schema.Array(Schema.Finite) }),
    }),
  }),
)

/** AIPerf. Its times to the first token are from when its worker sends, its chunk latencies the gaps of events with text. */
export const aiPerf: Peer = {
  name: "AIPerf",
  command: "aiperf",
  words: ({ folder, outputTokens, port, requests, streams }) => [
    "profile",
    "--streaming",
    ...flags({
      model: "synth",
      tokenizer: folder,
      url: `http://127.0.0.1:${port}`,
      "endpoint-type": "chat",
      concurrency: streams,
      "request-count": requests,
      "synthetic-input-tokens-mean": PROMPT_TOKENS,
      "output-tokens-mean": outputTokens,
      ui: "none",
      "extra-inputs": "ignore_eos:true",
      "output-artifact-dir": folder,
      "export-level": "records",
    }),
  ],
  reported: ({ folder, outputTokens }) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const lines = (yield* fs.readFileString(join(folder, "profile_export.jsonl"))).trimEnd().split("\n")
      const read = yield* Effect.forEach(lines, (line) => Schema.decodeUnknownEffect(Line)(line))
      return new Map(
        read.map(({ metadata, metrics }) => [
          metadata.x_request_id,
          {
            ttft: metrics.time_to_first_token.value,
            gaps: metrics.inter_chunk_latency.value.slice(0, outputTokens - 1),
          },
        ]),
      )
    }),
}
