import { ChunkDivergence } from "@rigbook/core"
import { Schema } from "effect"

/** A line of the log: after it, the log is that of the measured model. */
export const MARK = "rigbook: the reference is loaded"

/** The first line of `python/divergence.py`: what it loaded, or why the two can't be compared. */
export const Hello = Schema.fromJsonString(
  Schema.Union([
    Schema.Struct({ context: Schema.Int, threads: Schema.Int }),
    Schema.Struct({ error: Schema.Literal("vocabulary") }),
  ]),
)

/** Its answer to a request. */
export const ChunkReply = Schema.fromJsonString(
  Schema.Union([
    Schema.Struct({
      id: Schema.Int,
      result: Schema.Struct({
        tokens: Schema.Int,
        divergence: Schema.Struct({ ...ChunkDivergence.fields, nullTest: Schema.optionalKey(Schema.Finite) }),
      }),
    }),
    Schema.Struct({ id: Schema.Int, error: Schema.NonEmptyString }),
  ]),
)
