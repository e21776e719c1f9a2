import { Schema } from "effect"

/** Requests to `python/worker.py`. */
export type Request =
  | {
      readonly op: "load"
      /** The ONNX file, and the folder that has its tokenizer. */
      readonly model: string
      readonly settings: string
      readonly device: "cpu" | "cuda"
      readonly pooling: string
      readonly normalize: boolean
      readonly max_length?: number
      readonly threads?: number
      readonly prompt?: string
    }
  | { readonly op: "tokens"; readonly texts: ReadonlyArray<string> }
  | {
      readonly op: "encode"
      readonly texts: ReadonlyArray<string>
      /** Texts of one pass. */
      readonly batch_size: number
      readonly return_vectors?: boolean
    }

/** Results by the request's `op`. */
export const Results = {
  load: Schema.Struct({
    /** Nodes of the graph by the execution provider that got them, and how many of them multiply matrices. */
    providers: Schema.Record(Schema.String, Schema.Struct({ nodes: Schema.Int, products: Schema.Int })),
    /** Null where the runtime chooses, and does not report it. */
    threads: Schema.NullOr(Schema.Int),
    max_length: Schema.NullOr(Schema.Int),
    dimensions: Schema.Int,
    /** Whether a vector has length 1. */
    normalize: Schema.Boolean,
    /** Null where the graph itself pools. */
    pooling: Schema.NullOr(Schema.NonEmptyString),
    prompt: Schema.NullOr(Schema.NonEmptyString),
    vocabulary: Schema.Int,
    /** The type of the graph's output, such as `tensor(float)`. */
    output: Schema.NonEmptyString,
  }),
  tokens: Schema.Struct({
    tokens: Schema.Int,
    /** Tokens for what the tokenizer does not know; null if there is no such token. */
    unknown: Schema.NullOr(Schema.Int),
    /** Texts that were cut, and tokens dropped. */
    truncated: Schema.Struct({ documents: Schema.Int, tokens: Schema.Int }),
  }),
  encode: Schema.Struct({
    count: Schema.Int,
    dimensions: Schema.Int,
    dtype: Schema.NonEmptyString,
    /** The vectors one after the other, as little-endian float32 in base64; if they were requested. */
    vectors: Schema.optionalKey(Schema.NonEmptyString),
    /** Of the vectors as little-endian float32. */
    sha256: Schema.NonEmptyString,
    /** Time of tokenizing, running the graph and pooling. */
    call_ms: Schema.Finite,
    memory: Schema.Array(
      Schema.Struct({ name: Schema.NonEmptyString, device: Schema.Literal("cpu"), bytes: Schema.Int }),
    ),
  }),
} as const satisfies Record<Request["op"], Schema.Top>

export type Loaded = (typeof Results)["load"]["Type"]
