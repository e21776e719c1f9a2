import { Option, Result, Schema } from "effect"

const decode = Schema.decodeUnknownOption(
  Schema.Struct({
    data: Schema.Array(Schema.Struct({ index: Schema.optionalKey(Schema.Unknown), embedding: Schema.Unknown })),
    usage: Schema.optionalKey(Schema.Unknown),
  }),
)
const decodeUsage = Schema.decodeUnknownOption(Schema.Struct({ prompt_tokens: Schema.Int }))

/** What one answer of `/v1/embeddings` holds, in the order of the texts. */
export interface Answered {
  readonly vectors: ReadonlyArray<Float32Array>
  /** Left out if the server reported none, or an impossible number: 0, null, a fraction. */
  readonly tokens?: number
}

/** Vectors of an answer to this many texts: one for each, of equal width, finite, not all zeros. Else what is wrong. */
export const readVectors = (answer: unknown, texts: number): Result.Result<Answered, string> => {
  const decoded = Option.getOrUndefined(decode(answer))
  if (decoded === undefined) return Result.fail("it has no `data` with an `embedding` for each text")
  const { data, usage } = decoded
  if (data.length !== texts) return Result.fail(`${data.length} vectors for ${texts} texts`)
  const inOrder = ordered(data)
  if (inOrder === undefined) return Result.fail(`their indexes don't cover ${texts} texts, each once`)
  const vectors: Array<Float32Array> = []
  for (const [at, { embedding }] of inOrder.entries()) {
    const vector = numbersOf(embedding)
    const wrong = vector === undefined ? "neither float32 in base64 nor a list of numbers" : fault(vector)
    if (vector === undefined || wrong !== undefined) return Result.fail(`the vector of text ${at + 1} is ${wrong}`)
    const width = vectors[0]?.length ?? vector.length
    if (vector.length !== width)
      return Result.fail(`the vector of text ${at + 1} has ${vector.length} dimensions, the first has ${width}`)
    vectors.push(vector)
  }
  const tokens = Option.getOrUndefined(decodeUsage(usage))?.prompt_tokens ?? 0
  return Result.succeed(tokens > 0 ? { vectors, tokens } : { vectors })
}

/** By their indexes, where there are some; `undefined` if those don't name each place once. */
const ordered = <A extends { readonly index?: unknown }>(data: ReadonlyArray<A>): ReadonlyArray<A> | undefined => {
  if (data.every(({ index }) => index === undefined)) return data
  const byIndex = new Map(data.map((one) => [one.index, one]))
  const sorted = data.flatMap((_, at) => byIndex.get(at) ?? [])
  return sorted.length === data.length ? sorted : undefined
}

const numbersOf = (embedding: unknown): Float32Array | undefined => {
  if (Array.isArray(embedding))
    return embedding.every((value) => typeof value === "number") ? Float32Array.from(embedding) : undefined
  if (typeof embedding !== "string") return undefined
  const bytes = Buffer.from(embedding, "base64")
  // Decoding skips characters that are not base64: then there is more text than bytes.
  const whole = embedding.replace(/=+$/, "").length === Math.ceil((bytes.length * 4) / 3)
  return whole && bytes.length % Float32Array.BYTES_PER_ELEMENT === 0
    ? new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    : undefined
}

const fault = (vector: Float32Array): string | undefined =>
  vector.length === 0
    ? "empty"
    : !vector.every(Number.isFinite)
      ? "not finite"
      : vector.every((value) => value === 0)
        ? "all zeros"
        : undefined

/** Whether all are equal. */
export const allAlike = (vectors: ReadonlyArray<Float32Array>): boolean =>
  vectors.every((vector) => vector.every((value, at) => value === vectors[0]![at]))
