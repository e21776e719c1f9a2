import { Result, Schema } from "effect"
import { MOST_TOKENS } from "./Amounts.ts"

/** One request of a trace. */
export interface TraceRequest {
  /** Milliseconds after the first request of the trace. */
  readonly atMs: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** What its prompt is made of: a name for each block of `BLOCK_TOKENS` tokens, equal ones for equal text. */
  readonly blocks?: ReadonlyArray<number>
}

/** Tokens of one of Mooncake's blocks. */
export const BLOCK_TOKENS = 512

/** What in a trace has no known format. Lines count from 1. */
export interface BadTraceLine {
  readonly line: number
  readonly detail: string
}

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Length = Count.check(Schema.isLessThanOrEqualTo(MOST_TOKENS))

/** A line of Mooncake's traces (FAST '25): milliseconds, tokens, and the prompt's blocks by hash. */
const Mooncake = Schema.fromJsonString(
  Schema.Struct({
    timestamp: Schema.Finite,
    input_length: Length,
    output_length: Length,
    hash_ids: Schema.optionalKey(Schema.Array(Count)),
  }),
)
const decodeMooncake = Schema.decodeUnknownResult(Mooncake)

/** Names of the columns, as in the files' first lines. */
const TABLES = [
  // Azure LLM inference traces of 2023 and 2024.
  { at: "TIMESTAMP", input: "ContextTokens", output: "GeneratedTokens", timeMs: dateMs },
  // BurstGPT: seconds; with additional columns.
  { at: "Timestamp", input: "Request tokens", output: "Response tokens", timeMs: (text: string) => 1000 * real(text) },
] as const

const FORMATS =
  "supported are Mooncake's JSON lines (timestamp, input_length, output_length), Azure's table (TIMESTAMP, ContextTokens, GeneratedTokens) and BurstGPT's (Timestamp, Request tokens, Response tokens)"

/**
 * Reads a trace, whose format its first line tells. Requests are sorted by time; those with
 * zero tokens in or out (BurstGPT keeps its failures) are left out.
 */
export const parseTrace = (text: string): Result.Result<ReadonlyArray<TraceRequest>, BadTraceLine> => {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== "")
  const [first, ...rest] = lines
  if (first === undefined) return Result.fail({ line: 1, detail: "the trace is empty" })
  const names = first.line.split(",").map((name) => name.trim())
  const table = TABLES.find(({ at, input, output }) => [at, input, output].every((name) => names.includes(name)))
  if (table === undefined && !first.line.startsWith("{"))
    return Result.fail({ line: first.number, detail: `not a known trace format; ${FORMATS}` })
  const read = table === undefined ? mooncake : tableRow(table, names)
  const requests: Array<TraceRequest> = []
  for (const { line, number } of table === undefined ? lines : rest) {
    const request = read(line)
    if (typeof request === "string") return Result.fail({ line: number, detail: request })
    if (request.inputTokens > 0 && request.outputTokens > 0) requests.push(request)
  }
  const inOrder = requests.toSorted((a, b) => a.atMs - b.atMs)
  const origin = inOrder[0]?.atMs
  if (origin === undefined) return Result.fail({ line: first.number, detail: "the trace has no request" })
  return Result.succeed(inOrder.map((request) => ({ ...request, atMs: request.atMs - origin })))
}

const mooncake = (line: string): TraceRequest | string => {
  const decoded = decodeMooncake(line)
  if (Result.isFailure(decoded)) return `not a line in Mooncake's format: ${decoded.failure.message.split("\n")[0]!}`
  const { hash_ids, input_length, output_length, timestamp } = decoded.success
  return {
    atMs: timestamp,
    inputTokens: input_length,
    outputTokens: output_length,
    ...(hash_ids === undefined ? {} : { blocks: hash_ids }),
  }
}

const tableRow =
  ({ at, input, output, timeMs }: (typeof TABLES)[number], names: ReadonlyArray<string>) =>
  (line: string): TraceRequest | string => {
    const cells = line.split(",")
    const cell = (name: string): string => cells[names.indexOf(name)]?.trim() ?? ""
    const atMs = timeMs(cell(at))
    if (!Number.isFinite(atMs)) return `${at} is not a time: ${JSON.stringify(cell(at))}`
    for (const name of [input, output])
      if (!/^\d+$/.test(cell(name)) || Number(cell(name)) > MOST_TOKENS)
        return `${name} is not a number of tokens: ${JSON.stringify(cell(name))}`
    return { atMs, inputTokens: Number(cell(input)), outputTokens: Number(cell(output)) }
  }

const real = (text: string): number => (text === "" ? Number.NaN : Number(text))

/** `2023-11-16 18:15:46.6805900` or `2024-05-10 00:00:00.009930+00:00`, to the microsecond; UTC if no zone is given. */
function dateMs(text: string): number {
  const parts = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(text)
  if (parts === null) return Number.NaN
  const [, day, time, fraction = "", zone = "Z"] = parts
  return Date.parse(`${day}T${time}${zone}`) + Math.round(1e6 * Number(`0${fraction}`)) / 1000
}
