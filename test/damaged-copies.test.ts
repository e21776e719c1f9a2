import { type Completion, type Dataset, type PromptSet, type Scenario, type Scored, trialWork } from "@rigbook/core"
import { assert, describe, it } from "vitest"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Estimate, figureOf, type Loss, lossOf, rounded, wordOf } from "../tools/damaged-copies/Damage.ts"

/** Vectors of udhr-eng-spa, 30 queries and then 30 documents, as the real models gave them; in whole numbers of 1 / 32767. */
const recorded = (name: string): Float32Array => {
  const bytes = readFileSync(join(import.meta.dirname, `damaged-copies/${name}.i16`))
  return Float32Array.from({ length: bytes.length / 2 }, (_, at) => bytes.readInt16LE(2 * at) / 32767)
}
const DIMENSIONS = 384
const QUERIES = 30

const texts = (of: string): ReadonlyArray<string> => Array.from({ length: QUERIES }, (_, at) => `${of} ${at}`)
const scenario: Scenario = { kind: "quality", measure: "retrieval", dataset: "udhr-eng-spa", batchSize: 1 }
const set: PromptSet = {
  name: "udhr-eng-spa",
  license: "MIT",
  sha256: "0",
  prompts: [],
  dataset: {
    measure: "retrieval",
    queries: texts("article"),
    documents: texts("artículo"),
    relevant: Array.from({ length: QUERIES }, (_, at) => [at]),
  },
}

const answer = (values: Float32Array): Completion => {
  const base64 = Buffer.from(values.buffer).toString("base64")
  return { vectors: { count: values.length / DIMENSIONS, dimensions: DIMENSIONS, sha256: "0", base64 } }
}
const scored = (completion: Completion): Scored => trialWork(scenario, set, "recorded").score!([completion])!

const minilm = answer(recorded("minilm"))
const e5 = answer(recorded("e5"))
const damage = (whole: Completion, damaged: Completion): Loss => lossOf(scored(whole), scored(damaged))

describe("damaged copies of a real embedding model", () => {
  it("are found where they lose much: vectors of 2 bits, and a wrong pooling", () => {
    for (const loss of [damage(minilm, rounded(minilm, 2)), damage(minilm, answer(recorded("minilm-max-pooling")))]) {
      assert.strictEqual(wordOf(loss), "worse")
      assert.isBelow(loss.change.estimate, -0.1)
      assert.isBelow(loss.change.p, 0.05)
      assert.strictEqual(loss.count, QUERIES)
    }
  })

  it("can't be distinguished from the whole by thirty queries where they lose little: vectors of 8, 4 and 3 bits", () => {
    for (const bits of [8, 4, 3]) {
      const loss = damage(minilm, rounded(minilm, bits))
      assert.strictEqual(wordOf(loss), "inconclusive", `${bits} bits`)
      assert.isTrue(loss.change.low <= 0 && 0 <= loss.change.high)
    }
    const widths = [8, 4, 2].map((bits) => {
      const { high, low } = damage(minilm, rounded(minilm, bits)).change
      return high - low
    })
    assert.deepStrictEqual(
      widths,
      widths.toSorted((a, b) => a - b),
      "the more is lost, the less certain is how much",
    )
  })

  it("can't be found on a dataset that the whole model solves: a multilingual one without its query prompt", () => {
    const values = recorded("e5")
    values.set(recorded("e5-no-prompt"))
    const loss = damage(e5, answer(values))
    assert.isAbove(loss.whole, 0.99)
    assert.strictEqual(wordOf(loss), "inconclusive")
    assert.isAbove(loss.whole, damage(minilm, minilm).whole + 0.2, "it knows more Spanish than an English model")
  })
})

describe("pairs that people scored", () => {
  const vectorsOf = (values: ReadonlyArray<number>): Completion => ({
    vectors: {
      count: values.length / 2,
      dimensions: 2,
      base64: Buffer.from(Float32Array.from(values).buffer).toString("base64"),
    },
  })
  /** Texts on a quarter of a circle: people say that two are the more alike the nearer they are. */
  const angles = Array.from({ length: 8 }, (_, at) => (at * at) / 50)
  const every = angles.flatMap((_, a) => angles.slice(a + 1).map((_each, at) => [a, a + 1 + at] as const))
  const datasetOf = (pairs: ReadonlyArray<readonly [number, number]>): Dataset => ({
    measure: "sts",
    pairs: pairs.map(([a, b]) => [`text ${a}`, `text ${b}`]),
    scores: pairs.map(([a, b]) => -Math.abs(angles[a]! - angles[b]!) + 0.3 * ((a * b) % 3)),
  })
  const of = (pairs: ReadonlyArray<readonly [number, number]>): Estimate => {
    const dataset = datasetOf(pairs)
    const sides = [0, 1].flatMap((side) => pairs.map((pair) => angles[pair[side]!]!))
    const answers = vectorsOf(sides.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]))
    return figureOf(trialWork({ ...scenario, measure: "sts" }, { ...set, dataset }, "recorded").score!([answers])!)
  }

  it("are drawn pair by pair, and text by text where each text is paired with every other one", () => {
    const [all, some] = [of(every), of(every.slice(1))]
    assert.closeTo(all.estimate, some.estimate, 0.1)
    assert.isAbove(all.high - all.low, some.high - some.low, "28 pairs of 8 texts say less than independent ones")
  })
})

describe("rounded vectors", () => {
  it("have as many steps as their bits allow, of their largest value, and keep what they can", () => {
    const vector = Float32Array.of(1, 0.6, 0.4, 0, -0.3, -1)
    const two = answer(vector)
    const of = (bits: number): ReadonlyArray<number> => {
      const { base64 } = rounded({ vectors: { ...two.vectors!, dimensions: 6 } }, bits).vectors!
      const bytes = Buffer.from(base64!, "base64")
      return Array.from(vector, (_, at) => Math.round(1000 * bytes.readFloatLE(4 * at)) / 1000 + 0)
    }
    assert.deepStrictEqual(of(2), [1, 1, 0, 0, 0, -1])
    assert.deepStrictEqual(of(3), [1, 0.667, 0.333, 0, -0.333, -1])
    assert.closeTo(of(8)[1]!, 0.6, 1 / 127)
  })
})
