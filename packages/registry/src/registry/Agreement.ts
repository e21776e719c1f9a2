import { Agreement, type Answers } from "@rigbook/core"

/** Compares two engines' answers to the same requests. Pure and symmetric; an answer agrees with itself fully. */
export const agreementOf = (a: Answers, b: Answers): Agreement => {
  if ("absent" in a || "absent" in b) return { absent: [...new Set([a, b].flatMap(missing))].toSorted().join("; ") }
  if ("texts" in a && "texts" in b) return textAgreement(a, b)
  if ("vectors" in a && "vectors" in b) return vectorAgreement(a.vectors, b.vectors)
  return { absent: "one answered with texts, the other with vectors" }
}

const missing = (answers: Answers): ReadonlyArray<string> => ("absent" in answers ? [answers.absent] : [])

type Texts = Extract<Answers, { readonly texts: unknown }>
type Vectors = Extract<Answers, { readonly vectors: unknown }>["vectors"]

const textAgreement = (a: Texts, b: Texts): Agreement => {
  const tokens = both(a.outputTokens, b.outputTokens)
  if (a.outputTokens !== b.outputTokens) return { absent: `${tokens} tokens were requested` }
  const prompts = a.texts.length
  if (prompts !== b.texts.length) return { absent: `${both(prompts, b.texts.length)} prompts were sent` }
  const shares = a.texts.map(({ text }, prompt) => prefixShare(text, b.texts[prompt]!.text))
  const inputs = a.texts.map(({ inputTokens }, prompt) => [inputTokens, b.texts[prompt]!.inputTokens] as const)
  const reported = inputs.every((pair) => pair.every((count) => count !== undefined))
  return {
    kind: "text",
    meanPrefix: meanOf(shares),
    identical: shares.filter((share) => share === 1).length,
    prompts,
    ...(reported ? { sameInputTokens: inputs.filter(([ours, theirs]) => ours === theirs).length } : {}),
  }
}

/**
 * The common prefix of two texts, as a share of the longer: 1 for equal texts, and only for them. Counted in
 * characters (Unicode code points): tokens of two tokenizers can't be compared, and many languages
 * have no words.
 */
export const prefixShare = (a: string, b: string): number => {
  const [ours, theirs] = [Array.from(a), Array.from(b)]
  const longer = Math.max(ours.length, theirs.length)
  const different = ours.findIndex((character, index) => character !== theirs[index])
  return longer === 0 ? 1 : (different === -1 ? ours.length : different) / longer
}

const vectorAgreement = (a: Vectors, b: Vectors): Agreement => {
  if (a.dimensions !== b.dimensions)
    return { absent: `the vectors have ${both(a.dimensions, b.dimensions)} dimensions` }
  if (a.count !== b.count) return { absent: `${both(a.count, b.count)} documents were sent` }
  const [ours, theirs] = [rowsOf(a), rowsOf(b)]
  if (ours === undefined || theirs === undefined)
    return { absent: "the stored vectors don't have the length that their number and dimensions give" }
  const cosines = ours.map((row, index) => cosine(row, theirs[index]!))
  if (!cosines.every(Number.isFinite)) return { absent: "a vector has no direction: it is zero, or not finite" }
  return { kind: "vectors", minCosine: Math.min(...cosines), meanCosine: meanOf(cosines), documents: a.count }
}

const rowsOf = ({ base64, count, dimensions }: Vectors): ReadonlyArray<Float64Array> | undefined => {
  const bytes = Buffer.from(base64, "base64")
  if (bytes.length !== count * dimensions * Float32Array.BYTES_PER_ELEMENT) return undefined
  return Array.from({ length: count }, (_, row) =>
    Float64Array.from({ length: dimensions }, (_, column) => bytes.readFloatLE(4 * (row * dimensions + column))),
  )
}

/** Σab / √(Σa²·Σb²), clamped to [-1, 1] in spite of rounding; NaN for a vector without direction. */
const cosine = (a: Float64Array, b: Float64Array): number => {
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, index) => sum + value * y[index]!, 0)
  return Math.max(-1, Math.min(1, dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))))
}

/** The mean of equal values is that value, which a sum of many may miss because of rounding. */
const meanOf = (values: ReadonlyArray<number>): number =>
  Math.min(
    Math.max(...values),
    Math.max(Math.min(...values), values.reduce((sum, value) => sum + value, 0) / values.length),
  )

/** In one order, whichever of the two comes first. */
const both = (a: number, b: number): string => `${Math.min(a, b)} and ${Math.max(a, b)}`
