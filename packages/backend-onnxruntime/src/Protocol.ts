import { type EmbeddingRequest, EmbeddingResults } from "@rigbook/core/engine"
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
  | EmbeddingRequest

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
  ...EmbeddingResults,
} as const satisfies Record<Request["op"], Schema.Top>

export type Loaded = (typeof Results)["load"]["Type"]
