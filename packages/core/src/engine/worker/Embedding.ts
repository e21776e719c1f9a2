import { Effect, Schema } from "effect"
import type { Session } from "../../Backend.ts"
import type { DeviceId } from "../../host/Host.ts"
import { backendError, Unsupported } from "../../runtime/BackendError.ts"
import type { Worker } from "./Worker.ts"

/** Requests to a worker that embeds, beside the one that loads its model; `rigbook_worker.embedding` is the other side. */
export type EmbeddingRequest =
  | { readonly op: "tokens"; readonly texts: ReadonlyArray<string> }
  | {
      readonly op: "encode"
      readonly texts: ReadonlyArray<string>
      /** Number of texts of one forward pass. */
      readonly batch_size: number
      /** Return the vectors: a thousand of them take as long as several documents, so never while time is measured. */
      readonly return_vectors?: boolean
    }

/** Their results by `op`. */
export const EmbeddingResults = {
  tokens: Schema.Struct({
    tokens: Schema.Int,
    /** Tokens for what the tokenizer does not know; null if there is no such token. */
    unknown: Schema.NullOr(Schema.Int),
    /** Texts that were cut, and tokens dropped; null if the tokenizer does not report it. */
    truncated: Schema.NullOr(Schema.Struct({ documents: Schema.Int, tokens: Schema.Int })),
  }),
  encode: Schema.Struct({
    count: Schema.Int,
    dimensions: Schema.Int,
    dtype: Schema.NonEmptyString,
    /** The vectors one after the other, as little-endian float32 in base64; if they were requested. */
    vectors: Schema.optionalKey(Schema.NonEmptyString),
    /** Of the vectors as little-endian float32. */
    sha256: Schema.NonEmptyString,
    /** Milliseconds from the texts to the vectors, in the worker. */
    call_ms: Schema.Finite,
    memory: Schema.Array(
      Schema.Struct({ name: Schema.NonEmptyString, device: Schema.NonEmptyString, bytes: Schema.Int }),
    ),
  }),
} as const satisfies Record<EmbeddingRequest["op"], Schema.Top>

/**
 * Answers requests to embed with a worker; `deviceOf` gives the id of a device that the worker names. Fails with
 * `RequestFailed` if vectors can't be used, else with `BackendError`.
 */
export const embedWith =
  (
    backend: string,
    { ask }: Pick<Worker<EmbeddingRequest, typeof EmbeddingResults>, "ask">,
    deviceOf: (name: string) => DeviceId,
  ): Session["send"] =>
  (request, observer) =>
    Effect.gen(function* () {
      if (request.task !== "embed")
        return yield* backendError(backend)(
          new Unsupported({ detail: `${backend} makes vectors, not text.`, fix: "Use a batch scenario." }),
        )
      const { batchSize, returnVectors = false, texts } = request
      // Counted before the clock starts: counting is not part of the measured work.
      const { tokens, truncated, unknown } = yield* ask({ op: "tokens", texts })
      const { call_ms, count, dimensions, memory, sha256, vectors } = yield* ask(
        { op: "encode", texts, batch_size: batchSize, ...(returnVectors ? { return_vectors: true } : {}) },
        observer.sent,
      )
      return {
        inputTokens: tokens,
        truncated: truncated ?? { unknown: "the tokenizer does not report what it cuts off" },
        ...(unknown === null ? {} : { unknownTokens: unknown }),
        vectors: { count, dimensions, sha256, ...(vectors === undefined ? {} : { base64: vectors }) },
        timings: { callMs: call_ms },
        memory: memory.map((figure) => ({ ...figure, device: deviceOf(figure.device) })),
      }
    })
