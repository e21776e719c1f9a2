import { Schema } from "effect"

/** Requests to `python/worker.py`; on the wire each carries an `id` too. */
export const Request = Schema.Union([
  Schema.Struct({
    op: Schema.Literal("load"),
    /** The model's folder. */
    model: Schema.NonEmptyString,
    /** Devices by torch's names, such as `cpu` or `cuda:0`: on each a replica of the model. */
    devices: Schema.NonEmptyArray(Schema.NonEmptyString),
    dtype: Schema.NonEmptyString,
    max_length: Schema.optionalKey(Schema.Int),
    threads: Schema.optionalKey(Schema.Int),
    normalize: Schema.Boolean,
    trust_remote_code: Schema.Boolean,
    /** The text put before each text, or its name in the model's files. */
    prompt: Schema.optionalKey(Schema.NonEmptyString),
    prompt_name: Schema.optionalKey(Schema.NonEmptyString),
  }),
  Schema.Struct({ op: Schema.Literal("tokens"), texts: Schema.Array(Schema.String) }),
  Schema.Struct({
    op: Schema.Literal("encode"),
    texts: Schema.Array(Schema.String),
    /** Texts of one forward pass. */
    batch_size: Schema.Int,
    /** Return the vectors: a thousand of them take as long as several documents, so never while time is measured. */
    return_vectors: Schema.optionalKey(Schema.Boolean),
  }),
  Schema.Struct({ op: Schema.Literal("memory") }),
  Schema.Struct({ op: Schema.Literal("close") }),
])
export type Request = typeof Request.Type

const MemoryFigure = Schema.Struct({ name: Schema.NonEmptyString, device: Schema.NonEmptyString, bytes: Schema.Int })

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
    /** Time of the library's `encode` alone. */
    call_ms: Schema.Finite,
    memory: Schema.Array(MemoryFigure),
  }),
  memory: Schema.Struct({ memory: Schema.Array(MemoryFigure) }),
  close: Schema.Struct({}),
} as const satisfies Record<Request["op"], Schema.Top>

export type Result<Op extends Request["op"]> = (typeof Results)[Op]["Type"]
