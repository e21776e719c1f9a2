import { Effect, FileSystem, Schema } from "effect"
import { Truth } from "../../../core/test/models/synthetic/SyntheticServer.ts"

const Line = Schema.fromJsonString(Schema.Struct({ ...Truth.fields, seq: Schema.Int }))

/** The name of a request that was sent without an id, by the id that the server gave its answer: `chatcmpl-7` or `cmpl-7`. */
export const nameOfAnswer = (id: string): string => `answer ${id.slice(id.lastIndexOf("-") + 1)}`

/** What the server logged, by the id that a request was sent with, or by that of its answer. */
export const readServerLog = Effect.fnUntraced(function* (log: string) {
  const fs = yield* FileSystem.FileSystem
  const lines = (yield* fs.readFileString(log)).split("\n")
  const requests = lines.filter((line) => line.startsWith(`{"seq":`)) // the first line and the last are of the server itself
  const truths = yield* Effect.forEach(requests, (line) => Schema.decodeUnknownEffect(Line)(line))
  return new Map(truths.map(({ seq, ...truth }) => [truth.xid === "" ? nameOfAnswer(`-${seq}`) : truth.xid, truth]))
})
