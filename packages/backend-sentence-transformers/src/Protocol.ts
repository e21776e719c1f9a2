import { type EmbeddingRequest, EmbeddingResults } from "@rigbook/core/engine"
import { Schema } from "effect"

/** Requests to `python/worker.py`. */
export type Request =
  | {
      readonly op: "load"
      /** The model's folder. */
      readonly model: string
      /** Devices by torch's names, such as `cpu` or `cuda:0`: on each a replica of the model. */
      readonly devices: readonly [string, ...ReadonlyArray<string>]
      readonly dtype: string
      readonly max_length?: number
      readonly threads?: number
      readonly normalize: boolean
      readonly trust_remote_code: boolean
      /** The text put before each text, or its name in the model's files. */
      readonly prompt?: string
      readonly prompt_name?: string
    }
  | EmbeddingRequest

/** Where one replica is, as it reports itself. */
const Replica = Schema.Struct({
  device: Schema.NonEmptyString,
  parameter_devices: Schema.Array(Schema.NonEmptyString),
  parameter_dtypes: Schema.Array(Schema.NonEmptyString),
  /** Bytes of all parameters and buffers. */
  bytes_by_device: Schema.Record(Schema.String, Schema.Int),
  gpu_uuid: Schema.NullOr(Schema.NonEmptyString),
  threads: Schema.Int,
})
export type Replica = typeof Replica.Type

const Tensors = Schema.Struct({ count: Schema.Int, first: Schema.Array(Schema.NonEmptyString) })

/** How the folder's files were used; see `Effective.loading`. */
const Loading = Schema.Struct({
  missing: Tensors,
  unexpected: Tensors,
  pooling: Schema.NullOr(Schema.Struct({ mode: Schema.NonEmptyString, assumed: Schema.Boolean })),
  architecture: Schema.NullOr(Schema.NonEmptyString),
  vocabulary: Schema.NullOr(Schema.Int),
})

/** Results by the request's `op`. */
export const Results = {
  load: Schema.Struct({
    replicas: Schema.NonEmptyArray(Replica),
    max_length: Schema.NullOr(Schema.Finite),
    dimensions: Schema.Int,
    /** Whether a vector has length 1. */
    normalize: Schema.Boolean,
    /** How attention is computed, such as `sdpa`; null for models without. */
    attention: Schema.NullOr(Schema.String),
    torch: Schema.NonEmptyString,
    /** The text put before each text, also by default. */
    prompt: Schema.NullOr(Schema.NonEmptyString),
    prompt_name: Schema.NullOr(Schema.NonEmptyString),
    loading: Loading,
  }),
  ...EmbeddingResults,
} as const satisfies Record<Request["op"], Schema.Top>

export type Result<Op extends Request["op"]> = (typeof Results)[Op]["Type"]
