import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { flags, milliseconds, type Peer, PROMPT_TOKENS } from "./Peer.ts"

const Result = Schema.fromJsonString(
  Schema.Struct({ ttfts: Schema.Array(Schema.Finite), itls: Schema.Array(Schema.Array(Schema.Finite)) }),
)

const FILE = "result.json"
const ID = "peer-"

/**
 * `vllm bench serve`. Its `ttft` is from the call of its HTTP client to the first event with a choice; its `itl` are the
 * gaps between such events, the closing one among them, which is no token's and is left out here.
 */
export const vllmBench: Peer = {
  name: "vllm bench serve",
  command: "vllm",
  words: ({ folder, outputTokens, port, requests, streams }) => [
    "bench",
    "serve",
    ...flags({
      backend: "openai",
      "base-url": `http://127.0.0.1:${port}`,
      model: "synth",
      tokenizer: folder,
      "dataset-name": "random",
      "random-input-len": PROMPT_TOKENS,
      "random-output-len": outputTokens,
      "num-prompts": requests,
      "max-concurrency": streams,
      "request-id-prefix": ID,
      "result-dir": folder,
      "result-filename": FILE,
    }),
    "--ignore-eos",
    "--save-result",
    "--save-detailed",
    "--disable-tqdm",
  ],
  reported: ({ folder, outputTokens }) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const text = yield* fs.readFileString(join(folder, FILE))
      const { itls, ttfts } = yield* Schema.decodeUnknownEffect(Result)(text)
      return new Map(
        ttfts.map((ttft, index) => [
          `${ID}${index}`,
          { ttft: milliseconds(ttft), gaps: itls[index]!.slice(0, outputTokens - 1).map(milliseconds) },
        ]),
      )
    }),
}
