import { Schema } from "effect"

/** An error in a worker's answer. */
export const WorkerError = Schema.Struct({
  /** `bad-request`: the request is invalid; `bad-vectors`: the model returned nothing usable. */
  kind: Schema.Literals(["bad-request", "bad-vectors", "out-of-memory", "cancelled", "failed"]),
  /** The worker's own name of it, such as Python's `OSError`. */
  type: Schema.String,
  message: Schema.String,
})
export type WorkerError = typeof WorkerError.Type

/** A line from a worker. Its `result` is decoded by whoever knows which request `id` was. */
export const Reply = Schema.fromJsonString(
  Schema.Union([
    Schema.Struct({ id: Schema.Int, result: Schema.Unknown }),
    /** Without an id if the request could not be read. */
    Schema.Struct({ id: Schema.NullOr(Schema.Int), error: WorkerError }),
  ]),
)
export type Reply = typeof Reply.Type
