import { Effect, FileSystem, Schema } from "effect"
import { dirname, join } from "node:path"
import { shortCommand } from "../../src/process/ShortCommand.ts"
import { cacheFolder } from "../../src/runtime/CacheFolder.ts"
import { outlineFiles } from "../../src/synthetic/SafetensorsFolder.ts"
import type { SyntheticSafetensors } from "../../src/synthetic/SyntheticModel.ts"
import { tokenizer } from "../../src/synthetic/Tokenizer.ts"
import type { Told } from "./Accuracy.ts"

/** What a peer is asked for: closed loop, each answer of so many tokens. */
export interface PeerWork {
  readonly port: number
  readonly streams: number
  readonly requests: number
  readonly outputTokens: number
  /** Folder of its own: for its results, and with a tokenizer in it. */
  readonly folder: string
}

/** Another load generator, as it is installed here, with its defaults. */
export interface Peer {
  readonly name: string
  readonly program: string
  readonly words: (work: PeerWork) => ReadonlyArray<string>
  /** What it says of each request, by the id that it sent along. */
  readonly told: (work: PeerWork) => Effect.Effect<ReadonlyMap<string, Told>, unknown, FileSystem.FileSystem>
}

/** Files of a tokenizer for those that count tokens again by themselves. */
const TOKENIZER: SyntheticSafetensors = {
  format: "safetensors",
  architecture: "llama",
  layers: 1,
  hiddenSize: 64,
  feedForward: 64,
  heads: 1,
  vocabulary: 4096,
  contextLength: 4096,
  quantization: "F32",
}

const flags = (named: Readonly<Record<string, string | number>>): ReadonlyArray<string> =>
  Object.entries(named).flatMap(([name, value]) => [`--${name}`, `${value}`])

const milliseconds = (seconds: number): number => seconds * 1e3

const VllmResult = Schema.fromJsonString(
  Schema.Struct({ ttfts: Schema.Array(Schema.Finite), itls: Schema.Array(Schema.Array(Schema.Finite)) }),
)

/**
 * `vllm bench serve`. Its `ttft` is from the call of its HTTP client to the first event with a choice; its `itl` are the
 * gaps between such events, the closing one among them, which is no token's and is left out here.
 */
const vllm = (program: string): Peer => ({
  name: "vllm bench serve",
  program,
  words: ({ folder, outputTokens, port, requests, streams }) => [
    "bench",
    "serve",
    ...flags({
      backend: "openai",
      "base-url": `http://127.0.0.1:${port}`,
      model: "synth",
      tokenizer: folder,
      "dataset-name": "random",
      "random-input-len": 4,
      "random-output-len": outputTokens,
      "num-prompts": requests,
      "max-concurrency": streams,
      "request-id-prefix": ID,
      "result-dir": folder,
      "result-filename": "result.json",
    }),
    "--ignore-eos",
    "--save-result",
    "--save-detailed",
    "--disable-tqdm",
  ],
  told: ({ folder, outputTokens }) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const text = yield* fs.readFileString(join(folder, "result.json"))
      const { itls, ttfts } = yield* Schema.decodeUnknownEffect(VllmResult)(text)
      return new Map(
        ttfts.map((ttft, index) => [
          `${ID}${index}`,
          { ttft: milliseconds(ttft), gaps: itls[index]!.slice(0, outputTokens - 1).map(milliseconds) },
        ]),
      )
    }),
})

const ID = "peer-"

const AiPerfLine = Schema.fromJsonString(
  Schema.Struct({
    metadata: Schema.Struct({ x_request_id: Schema.String, benchmark_phase: Schema.String }),
    metrics: Schema.Struct({
      time_to_first_token: Schema.Struct({ value: Schema.Finite }),
      inter_chunk_latency: Schema.Struct({ value: Schema.Array(Schema.Finite) }),
    }),
  }),
)

/** AIPerf. Its times to the first token are from when its worker sends, its chunk latencies the gaps of events with text. */
const aiperf = (program: string): Peer => ({
  name: "AIPerf",
  program,
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
      "synthetic-input-tokens-mean": 4,
      "output-tokens-mean": outputTokens,
      ui: "none",
      "extra-inputs": "ignore_eos:true",
      "output-artifact-dir": folder,
      "export-level": "records",
    }),
  ],
  told: ({ folder, outputTokens }) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const lines = (yield* fs.readFileString(join(folder, "profile_export.jsonl"))).trimEnd().split("\n")
      const read = yield* Effect.forEach(lines, (line) => Schema.decodeUnknownEffect(AiPerfLine)(line))
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
})

/** Those that are installed: on the PATH, and vLLM as `rigbook setup` installs it. */
export const installedPeers = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const runtimes = join(cacheFolder(), "runtimes")
  const ours = (yield* Effect.orElseSucceed(fs.readDirectory(runtimes), () => []))
    .filter((name) => name.startsWith("vllm-"))
    .map((name) => join(runtimes, name, "bin/vllm"))
  const path = (process.env["PATH"] ?? "").split(":")
  const found = Effect.fnUntraced(function* (candidates: ReadonlyArray<string>) {
    for (const candidate of candidates) if (yield* fs.exists(candidate)) return candidate
    return undefined
  })
  const [vllmProgram, aiperfProgram] = [
    yield* found([...path.map((folder) => join(folder, "vllm")), ...ours]),
    yield* found(path.map((folder) => join(folder, "aiperf"))),
  ]
  return [
    ...(vllmProgram === undefined ? [] : [vllm(vllmProgram)]),
    ...(aiperfProgram === undefined ? [] : [aiperf(aiperfProgram)]),
  ]
})

const Cost = Schema.fromJsonString(Schema.Struct({ cpuS: Schema.Finite, peakBytes: Schema.Finite }))

/** Runs the words after it, and says what that took, all processes together; the peak is that of the largest one. */
const MEASURE = `
import json, resource, subprocess, sys
ended = subprocess.run(sys.argv[1:], stdout=sys.stderr)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"cpuS": used.ru_utime + used.ru_stime, "peakBytes": used.ru_maxrss * 1024}))
sys.exit(ended.returncode)
`

/** Runs a peer to its end: what it says, and what it took. */
export const runPeer = Effect.fnUntraced(function* (peer: Peer, work: PeerWork) {
  const fs = yield* FileSystem.FileSystem
  yield* Effect.forEach(
    Object.entries({ ...outlineFiles(TOKENIZER), "tokenizer.json": tokenizer(TOKENIZER) }),
    ([name, content]) => fs.writeFileString(join(work.folder, name), JSON.stringify(content)),
  )
  const python = join(dirname(peer.program), "python")
  const words = ["-c", MEASURE, peer.program, ...peer.words(work)]
  const { stdout } = yield* shortCommand(python, words, { timeoutMs: 300_000 })
  const cost = yield* Schema.decodeUnknownEffect(Cost)(stdout.trim().split("\n").at(-1)!)
  return { told: yield* peer.told(work), ...cost }
})
