import { Schema } from "effect"
import { FailureKind } from "../runtime/FailureKind.ts"
import { Scored } from "../scenario/Scored.ts"
import { Slo } from "../scenario/Slo.ts"
import { Truncated } from "../scenario/Truncated.ts"
import { ChunkTimes } from "./ChunkTimes.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** How a request ended. */
export const RequestOutcome = Schema.Literals(["ok", "error", "timeout"])

/** The raw facts of one request. Times are milliseconds on one monotonic clock, from the start of the trial. */
export const RequestSample = Schema.Struct({
  /** Which prompt of the set, from 0, or of a batch the first one. */
  prompt: Count,
  /** When it was due, in an open loop: its latency counts from then on, however late it was sent. */
  scheduledMs: Schema.optionalKey(Schema.Finite),
  /** The last time, of one that was sent again. */
  sentMs: Schema.Finite,
  /** How often it was sent again after the server had refused it with 429; left out when never. */
  retries: Schema.optionalKey(Count),
  /** From when it was first sent until it was last: in no latency. */
  waitedMs: Schema.optionalKey(Schema.Finite),
  /** When each chunk with new tokens came; empty for embeddings. */
  chunkMs: ChunkTimes,
  /**
   * Tokens of each chunk, as the engine told them. Left out when each had one, and when it told none: then a chunk
   * stands for one token, and whether that holds, `outputTokens` says.
   */
  chunkTokens: Schema.optionalKey(Schema.Array(Count)),
  /** How many chunks, from the first on, were a model's thoughts before its answer; left out when none. */
  reasoningChunks: Schema.optionalKey(Count),
  endMs: Schema.Finite,
  outcome: RequestOutcome,
  /** How it failed, when it did. Samples of before this was told have an outcome alone. */
  failure: Schema.optionalKey(FailureKind),
  /** The status that an HTTP server refused it with. */
  status: Schema.optionalKey(Schema.Int),
  error: Schema.optionalKey(Schema.String),
  /** Documents of an embedding call. */
  documents: Schema.optionalKey(Count),
  inputTokens: Schema.optionalKey(Count),
  outputTokens: Schema.optionalKey(Count),
  /** Output tokens that were asked for. */
  requestedTokens: Schema.optionalKey(Count),
  cachedTokens: Schema.optionalKey(Count),
  finish: Schema.optionalKey(Schema.Literals(["length", "stop", "other"])),
  /** SHA-256 of the text written, so that two runs' outputs can be told apart. */
  textSha256: Schema.optionalKey(Schema.String),
  vectors: Schema.optionalKey(
    Schema.Struct({ count: Count, dimensions: Count, sha256: Schema.optionalKey(Schema.String) }),
  ),
  /** What was cut off its documents, of an embedding call; left out by runs that did not look. */
  truncated: Schema.optionalKey(Truncated),
  /** Input tokens that stand for what the tokenizer does not know. */
  unknownTokens: Schema.optionalKey(Count),
  /** The engine's own account; see EngineTimings. */
  engine: Schema.optionalKey(
    Schema.Struct({
      promptTokens: Schema.optionalKey(Count),
      promptMs: Schema.optionalKey(Schema.Finite),
      decodeTokens: Schema.optionalKey(Count),
      decodeMs: Schema.optionalKey(Schema.Finite),
      callMs: Schema.optionalKey(Schema.Finite),
    }),
  ),
  engineMemory: Schema.optionalKey(
    Schema.Array(Schema.Struct({ name: Schema.String, device: Schema.String, bytes: Count })),
  ),
})
export type RequestSample = typeof RequestSample.Type

/** One process of the engine. */
export const ProcessMemory = Schema.Struct({
  pid: Count,
  /** What it calls itself, such as `VLLM::Worker_TP0`. */
  name: Schema.NonEmptyString,
  /** Largest resident set. Pages that processes share count in each of them. */
  peakRssBytes: Count,
})
export type ProcessMemory = typeof ProcessMemory.Type

/** Readings of the memory of the engine's process tree while a trial ran. */
export const MemoryReadings = Schema.Struct({
  /** Milliseconds from the start of the trial. */
  atMs: Schema.Array(Schema.Finite),
  /** Resident bytes of the whole tree at each time. */
  rssBytes: Schema.Array(Count),
  /** Each process of the tree; left out by runs that did not read them. */
  processes: Schema.optionalKey(Schema.Array(ProcessMemory)),
  /** Why there are no readings, when there are none. */
  absent: Schema.optionalKey(Schema.String),
})
export type MemoryReadings = typeof MemoryReadings.Type

/** How busy this process was while it made a load: a client that is late measures itself. */
export const ClientReadings = Schema.Struct({
  /** By how much timers of this process were late, in milliseconds. */
  delayP99Ms: Schema.Finite,
  delayMaxMs: Schema.Finite,
  /** Share of the time that its event loop was busy. */
  utilization: Schema.Finite,
  /** Processor time, all threads together, in milliseconds. */
  cpuMs: Schema.Finite,
})
export type ClientReadings = typeof ClientReadings.Type

/** The raw facts of one trial: all that metrics are made of. */
export const Sample = Schema.Struct({
  /** From 0, warm-ups and measured trials counted apart. */
  trial: Count,
  phase: Schema.Literals(["warmup", "measured"]),
  /** Which opening of the engine it belongs to, from 0: more than one when the run was cut and continued. */
  opening: Count,
  startedAt: Schema.String,
  requests: Schema.Array(RequestSample),
  memory: MemoryReadings,
  /** Milliseconds from the engine's start until it was ready, at this opening. */
  loadMs: Schema.Finite,
  /** What the scenario held the requests against. */
  slo: Schema.optionalKey(Slo),
  /** Of trials under a load. */
  client: Schema.optionalKey(ClientReadings),
  /** Of trials of quality: what their vectors came to; left out where there are not as many as texts. */
  scored: Schema.optionalKey(Scored),
}).annotate({ identifier: "Sample" })
export type Sample = typeof Sample.Type
