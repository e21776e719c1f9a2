import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { nameOfAnswer } from "../ServerLog.ts"
import { flags, type Peer, PROMPT_TOKENS } from "./Peer.ts"

const Request = Schema.Struct({
  response_id: Schema.String,
  time_to_first_token_ms: Schema.Finite,
  inter_token_latency_ms: Schema.Finite,
})

const Report = Schema.fromJsonString(
  Schema.Struct({
    benchmarks: Schema.Tuple([Schema.Struct({ requests: Schema.Struct({ successful: Schema.Array(Request) }) })]),
  }),
)

const FILE = "guidellm.json"

const option = (kind: string, named: Readonly<Record<string, string | number>> = {}): string =>
  [`kind=${kind}`, ...Object.entries(named).map(([name, value]) => `${name}=${value}`)].join(",")

/**
 * GuideLLM. Its times to the first token are from just before its HTTP client is called. It keeps the times of the first
 * and of the last token alone: what it calls inter-token latency is our TPOT, and single gaps it can't tell. It sends no
 * id, but keeps that of the answer.
 */
export const guideLlm: Peer = {
  name: "GuideLLM",
  command: "guidellm",
  words: ({ folder, outputTokens, port, requests, streams }) => [
    "run",
    ...flags({
      backend: option("openai_http", { target: `http://127.0.0.1:${port}`, model: "synth" }),
      profile: option("concurrent", { streams }),
      constraint: option("max_requests", { count: requests }),
      tokenizer: option("hf_auto", { model: folder }),
      data: option("synthetic_text", { prompt_tokens: PROMPT_TOKENS, output_tokens: outputTokens }),
      output: option("json", { path: join(folder, FILE) }),
    }),
    "--disable-console",
  ],
  reported: ({ folder }) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const { benchmarks } = yield* Schema.decodeUnknownEffect(Report)(yield* fs.readFileString(join(folder, FILE)))
      return new Map(
        benchmarks[0].requests.successful.map((request) => [
          nameOfAnswer(request.response_id),
          { ttft: request.time_to_first_token_ms, tpot: request.inter_token_latency_ms },
        ]),
      )
    }),
}
