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
  /** The number of its prompt in the set, from 0; for a batch that of the first one. */
  prompt: Count,
  /** Its turn of a conversation, from 0. */
  turn: Schema.optionalKey(Count),
  /** When it was due, in an open loop: its latency counts from then on, however late it was sent. */
  scheduledMs: Schema.optionalKey(Schema.Finite),
  /** The last time, for a retried request. */
  sentMs: Schema.Finite,
  /** How often it was retried after the server had refused it with 429; left out if never. */
  retries: Schema.optionalKey(Count),
  /** From the first attempt to the last: not part of any latency. */
  waitedMs: Schema.optionalKey(Schema.Finite),
  /** When each chunk with new tokens arrived; empty for embeddings. */
  chunkMs: ChunkTimes,
  /**
   * Tokens of each chunk, as the engine reported them. Left out if each had one, and if it reported none: then a chunk
   * counts as one token, and `outputTokens` shows whether that is right.
   */
  chunkTokens: Schema.optionalKey(Schema.Array(Count)),
  /** How many chunks, from the first on, were reasoning before the answer; left out if none. */
  reasoningChunks: Schema.optionalKey(Count),
  endMs: Schema.Finite,
  outcome: RequestOutcome,
  /** How it failed, if it did. Older samples have only an outcome. */
  failure: Schema.optionalKey(FailureKind),
  /** The status that an HTTP server refused it with. */
  status: Schema.optionalKey(Schema.Int),
  error: Schema.optionalKey(Schema.String),
  /** Documents of an embedding call. */
  documents: Schema.optionalKey(Count),
  inputTokens: Schema.optionalKey(Count),
  outputTokens: Schema.optionalKey(Count),
  /** Requested output tokens. */
  requestedTokens: Schema.optionalKey(Count),
  /** In their place, for an answer of natural length: the most that it may have. */
  atMostTokens: Schema.optionalKey(Count),
  cachedTokens: Schema.optionalKey(Count),
  /** Tokens that speculative decoding drafted, and those of them that the model accepted. */
  draftedTokens: Schema.optionalKey(Count),
  acceptedTokens: Schema.optionalKey(Count),
  finish: Schema.optionalKey(Schema.Literals(["length", "stop", "other"])),
  /** SHA-256 of the generated text, so that two runs' outputs can be distinguished. */
  textSha256: Schema.optionalKey(Schema.String),
  vectors: Schema.optionalKey(
    Schema.Struct({ count: Count, dimensions: Count, sha256: Schema.optionalKey(Schema.String) }),
  ),
  /** What was cut off its documents, of an embedding call; left out by runs that did not check. */
  truncated: Schema.optionalKey(Truncated),
  /** Input tokens for what the tokenizer does not know. */
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
  /** Its own name, such as `VLLM::Worker_TP0`. */
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

/** How busy this process was while it generated a load: a late client measures itself. */
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

/** The raw facts of one trial: the only input of metrics. */
export const Sample = Schema.Struct({
  /** From 0, warm-ups and measured trials counted separately. */
  trial: Count,
  phase: Schema.Literals(["warmup", "measured"]),
  /** The opening of the engine that it belongs to, from 0: more than one if the run was resumed. */
  opening: Count,
  startedAt: Schema.String,
  requests: Schema.Array(RequestSample),
  memory: MemoryReadings,
  /** Milliseconds from the engine's start until it was ready, at this opening. */
  loadMs: Schema.Finite,
  /** The scenario's objectives for the requests. */
  slo: Schema.optionalKey(Slo),
  /** Of speculative decoding, where the engine has no counts by request: all that it drafted while the trial ran. */
  drafts: Schema.optionalKey(Schema.Struct({ draftedTokens: Count, acceptedTokens: Count })),
  /** For trials under a load. */
  client: Schema.optionalKey(ClientReadings),
  /** Of trials of quality: what their vectors came to; left out where there are not as many as texts. */
  scored: Schema.optionalKey(Scored),
}).annotate({ identifier: "Sample" })
export type Sample = typeof Sample.Type
