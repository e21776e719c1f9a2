import type { Stamps } from "./Stamps.ts"
import type { Truncated } from "./Truncated.ts"

/** A prompt: plain text, or the messages of a chat for the model's own template. */
export type Prompt =
  | { readonly text: string }
  | { readonly messages: ReadonlyArray<{ readonly role: "system" | "user" | "assistant"; readonly content: string }> }

/** Ask for exactly `outputTokens` new tokens, greedily, and without help of a cache. */
export interface GenerateRequest {
  readonly task: "generate"
  readonly prompt: Prompt
  readonly outputTokens: number
  /** By which an engine that logs its requests calls this one. */
  readonly id?: string
}

/** Ask for one vector a text. */
export interface EmbedRequest {
  readonly task: "embed"
  readonly texts: ReadonlyArray<string>
  /** Number of texts of one forward pass. */
  readonly batchSize: number
  /** Give the vectors back, not only their number and hash. Never asked for while time is measured. */
  readonly returnVectors?: boolean
}

/** What a session is asked. */
export type Request = GenerateRequest | EmbedRequest

/** What a session reports while it answers; core puts the time on each call. */
export interface Observer {
  /** The request has just been handed to the engine. */
  readonly sent: () => void
  /**
   * `tokens` new tokens have just arrived. Not for role-only, usage-only or closing chunks. `reasoning`: they are a
   * model's thoughts, which come before its answer.
   */
  readonly chunk: (tokens: number, reasoning?: boolean) => void
  /**
   * Where a session writes the times itself, instead of calling the above, when it reads answers in a thread of its
   * own, as the OpenAI-style client does. Left out where nobody asks for times.
   */
  readonly stamps?: Stamps
}

/** The engine's own account of a request's time. */
export interface EngineTimings {
  /** Prompt tokens that were computed, without those found in a cache. */
  readonly promptTokens?: number
  readonly promptMs?: number
  /** Tokens that `decodeMs` was spent on: the first token comes with the prompt and is not among them. */
  readonly decodeTokens?: number
  readonly decodeMs?: number
  /** Milliseconds of a whole call, measured where the model runs. */
  readonly callMs?: number
}

/** Memory that the engine accounts for itself, in bytes, such as torch's allocated peak. */
export interface EngineMemory {
  readonly name: string
  readonly device: string
  readonly bytes: number
}

/** How a request ended. What the engine did not tell is left out. */
export interface Completion {
  readonly inputTokens?: number
  readonly outputTokens?: number
  /** Prompt tokens that the engine took from a cache. */
  readonly cachedTokens?: number
  readonly finish?: "length" | "stop" | "other"
  /**
   * Whether the engine itself told how many tokens each chunk had; false where it did of some alone, so that what the
   * observer was told does not hold. Left out by engines whose chunks need no such word.
   */
  readonly countsChunks?: boolean
  readonly text?: string
  readonly vectors?: {
    readonly count: number
    readonly dimensions: number
    /** Of the vectors as little-endian float32, so that two runs' vectors can be told apart. */
    readonly sha256?: string
    /** The vectors one after the other, as little-endian float32; for a request with `returnVectors`. */
    readonly base64?: string
  }
  /** What of the texts the model did not get; of requests to embed. */
  readonly truncated?: Truncated
  /** Tokens of `inputTokens` that stand for what the tokenizer does not know; of requests to embed. */
  readonly unknownTokens?: number
  readonly timings?: EngineTimings
  readonly memory?: ReadonlyArray<EngineMemory>
}
