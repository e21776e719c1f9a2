import type { Dataset } from "./Dataset.ts"
import type { Completion } from "./Request.ts"
import type { Scored } from "./Scored.ts"

/** How far from 1 the length of a vector may be that was made 1 in half precision. */
const UNIT = 0.01

/** A dataset that vectors are compared with. */
type OfVectors = Exclude<Dataset, { readonly measure: "tasks" }>

/**
 * Holds the vectors of a dataset's texts (queries, then documents; or the first sentences of all pairs, then the second)
 * against what people say of them. Pure. `undefined` where there is not one vector a text.
 */
export const score = (dataset: OfVectors, completions: ReadonlyArray<Completion | undefined>): Scored | undefined => {
  const rows = completions.flatMap(rowsOf)
  const first = dataset.measure === "retrieval" ? dataset.queries.length : dataset.pairs.length
  const second = dataset.measure === "retrieval" ? dataset.documents.length : dataset.pairs.length
  if (rows.length !== first + second) return undefined
  const normalized = rows.every((row) => Math.abs(lengthOf(row) - 1) <= UNIT)
  const directions = rows.map(directionOf)
  const [left, right] = [directions.slice(0, first), directions.slice(first)]
  if (dataset.measure === "sts") {
    const texts = new Map([...new Set(dataset.pairs.flat())].map((text, at) => [text, at]))
    return {
      measure: "sts",
      normalized,
      cosines: left.map((row, pair) => finite(dot(row, right[pair]!))),
      scores: dataset.scores,
      ...(texts.size === 2 * dataset.pairs.length
        ? {}
        : { texts: dataset.pairs.map(([a, b]) => [texts.get(a)!, texts.get(b)!] as const) }),
    }
  }
  return {
    measure: "retrieval",
    normalized,
    documents: second,
    ranks: left.map((row, query) => {
      const cosines = Float64Array.from(right, (other) => dot(row, other))
      return ranksOf(cosines, dataset.relevant[query]!)
    }),
  }
}

/** Ranks from 1, in order. A tie goes against the model: of what is as near, or has no direction, it ranks behind. */
const ranksOf = (cosines: Float64Array, relevant: ReadonlyArray<number>): ReadonlyArray<number> | null => {
  const found = relevant.map((place) => cosines[place]!)
  if (found.some(Number.isNaN)) return null
  const answers = new Set(relevant)
  return found
    .toSorted((a, b) => b - a)
    .map((cosine, before) =>
      cosines.reduce((rank, other, place) => rank + Number(!answers.has(place) && !(other < cosine)), before + 1),
    )
}

const rowsOf = (completion: Completion | undefined): ReadonlyArray<Float64Array> => {
  const { base64 = "", count = 0, dimensions = 0 } = completion?.vectors ?? {}
  const bytes = Buffer.from(base64, "base64")
  if (bytes.length !== count * dimensions * Float32Array.BYTES_PER_ELEMENT) return []
  return Array.from({ length: count }, (_, row) =>
    Float64Array.from({ length: dimensions }, (_each, column) => bytes.readFloatLE(4 * (row * dimensions + column))),
  )
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = a.length === b.length ? 0 : Number.NaN
  for (let column = 0; column < a.length; column++) sum += a[column]! * b[column]!
  return sum
}

const lengthOf = (row: Float64Array): number => Math.sqrt(dot(row, row))

/** Of length 1; of numbers that are none where the vector has no direction. */
const directionOf = (row: Float64Array): Float64Array => {
  const length = lengthOf(row)
  return row.map((value) => value / (Number.isFinite(length) ? length : Number.NaN))
}

const finite = (cosine: number): number | null => (Number.isFinite(cosine) ? cosine : null)
