import type { ChunkDivergence } from "./Scored.ts"
import type { Stamps } from "./Stamps.ts"
import type { Truncated } from "./Truncated.ts"

/** A prompt: plain text, or the messages of a chat for the model's own template. */
export type Prompt =
  | { readonly text: string }
  | { readonly messages: ReadonlyArray<{ readonly role: "system" | "user" | "assistant"; readonly content: string }> }

/** Request `outputTokens` new tokens, greedily, and without a cache: exactly as many, unless it is `natural`. */
export interface GenerateRequest {
  readonly task: "generate"
  readonly prompt: Prompt
  readonly outputTokens: number
  /** The answer ends where the model ends it, after `outputTokens` at the latest. */
  readonly natural?: true
  /**
   * The conversation that it is a turn of, from 0: what an engine computed for turns before may be reused, and that of no
   * other request.
   */
  readonly conversation?: { readonly id: string; readonly turn: number }
  /** The request's name in the log of an engine that logs requests. */
  readonly id?: string
}

/** Request one vector per text. */
export interface EmbedRequest {
  readonly task: "embed"
  readonly texts: ReadonlyArray<string>
  /** Number of texts in one forward pass. */
  readonly batchSize: number
  /** Return the vectors, not only their number and hash. Never requested while time is measured. */
  readonly returnVectors?: boolean
}

/** Compare the model's predictions with those of its reference, in one chunk of a text. */
export interface DivergeRequest {
  readonly task: "diverge"
  readonly text: string
  /** From 0. */
  readonly chunk: number
}

/** A request to a session. */
export type Request = GenerateRequest | EmbedRequest

/** What a session reports while it answers; core stamps each call. */
export interface Observer {
  /** The request has just been sent to the engine. */
  readonly sent: () => void
  /**
   * `tokens` new tokens have just arrived. Not for role-only, usage-only or closing chunks. `reasoning`: they are a
   * model's reasoning, which comes before its answer.
   */
  readonly chunk: (tokens: number, reasoning?: boolean) => void
  /**
   * Where a session writes the times itself, instead of calling the above, if it reads answers in a separate
   * thread, as the OpenAI-compatible client does. Left out if no times are needed.
   */
  readonly stamps?: Stamps
}

/** The engine's own account of a request's time. */
export interface EngineTimings {
  /** Prompt tokens that were computed, without those from a cache. */
  readonly promptTokens?: number
  readonly promptMs?: number
  /** Tokens that `decodeMs` covers: the first token comes with the prompt and is not included. */
  readonly decodeTokens?: number
  readonly decodeMs?: number
  /** Milliseconds of a complete call, measured where the model runs. */
  readonly callMs?: number
}

/** Memory that the engine accounts for itself, in bytes, such as torch's allocated peak. */
export interface EngineMemory {
  readonly name: string
  readonly device: string
  readonly bytes: number
}

/** Tokens that speculative decoding drafted since the engine was started, and those of them that the model accepted. */
export interface DraftCounts {
  readonly draftedTokens: number
  readonly acceptedTokens: number
}

/** How a request ended. What the engine did not report is left out. */
export interface Completion {
  readonly inputTokens?: number
  readonly outputTokens?: number
  /** Prompt tokens that the engine took from a cache. */
  readonly cachedTokens?: number
  /** Tokens that speculative decoding drafted for this answer, and those of them that the model accepted. */
  readonly draftedTokens?: number
  readonly acceptedTokens?: number
  readonly finish?: "length" | "stop" | "other"
  /**
   * Whether the engine itself reported how many tokens each chunk had; false if it did so only for some, so that what
   * the observer received is wrong. Left out by engines whose chunks don't need this.
   */
  readonly countsChunks?: boolean
  readonly text?: string
  /** Characters at the beginning of `text` that are a model's reasoning, before its answer; left out if there are none. */
  readonly reasoningLength?: number
  readonly vectors?: {
    readonly count: number
    readonly dimensions: number
    /** Of the vectors as little-endian float32, so that two runs' vectors can be distinguished. */
    readonly sha256?: string
    /** The vectors one after the other, as little-endian float32; for a request with `returnVectors`. */
    readonly base64?: string
  }
  /** What was cut off the texts, for requests to embed. */
  readonly truncated?: Truncated
  /** Tokens of `inputTokens` for what the tokenizer does not know, for requests to embed. */
  readonly unknownTokens?: number
  /** For requests to diverge. */
  readonly divergence?: ChunkDivergence & { readonly nullTest?: number }
  readonly timings?: EngineTimings
  readonly memory?: ReadonlyArray<EngineMemory>
}
