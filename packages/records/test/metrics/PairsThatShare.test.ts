import { assert, describe, it } from "@effect/vitest"
import { type Scored, seeded, type Units } from "@rigbook/core"
import { Struct } from "effect"
import { stsSpearman } from "../../src/metrics/Quality.ts"
import { quantile } from "../../src/statistics/Quantile.ts"

const TEXTS = 16
const SETS = 60
const DRAWS = 200

/** Nearly normal, with a variance of 1. */
const normal = (draw: () => number): number => Array.from({ length: 12 }, draw).reduce((sum, one) => sum + one, -6)

type Pairs = Extract<Scored, { readonly measure: "sts" }>

/**
 * Pairs of texts that have an effect of their own on both figures, each text's on the cosine beside what people say of it: all
 * pairs of so many texts, or as many pairs of texts that no other pair has.
 */
const pairsOf = (name: string, texts: ReadonlyArray<readonly [number, number]>): Pairs => {
  const draw = seeded(name)
  const effects = Array.from({ length: 1 + Math.max(...texts.flat()) }, () => [normal(draw), normal(draw)] as const)
  const both = texts.map(([a, b]) => {
    const [said, own] = [effects[a]![0] + effects[b]![0], effects[a]![1] + effects[b]![1]]
    return { score: said + 0.5 * normal(draw), cosine: said + own + 0.5 * normal(draw) }
  })
  return {
    measure: "sts",
    normalized: true,
    cosines: both.map(({ cosine }) => cosine),
    scores: both.map(({ score }) => score),
    texts,
  }
}

const ALL = Array.from({ length: TEXTS }, (_, a) =>
  Array.from({ length: TEXTS - 1 - a }, (_each, b) => [a, a + 1 + b] as const),
).flat()
const APART = Array.from({ length: 2_000 }, (_, pair) => [2 * pair, 2 * pair + 1] as const)

const unitsOf = (scored: Pairs): Units => stsSpearman.units!(scored)!
const whole = ({ count, figure }: Units): number => figure(new Uint32Array(count).fill(1))
const TRUTH = whole(unitsOf(pairsOf("population", APART)))

/** Whether the 95 % percentile interval has the figure of the population in it. */
const covers = ({ count, figure }: Units, name: string): boolean => {
  const draw = seeded(name)
  const figures = Float64Array.from({ length: DRAWS }, () => {
    const times = new Uint32Array(count)
    for (let n = 0; n < count; n++) times[Math.floor(draw() * count)]!++
    return figure(times)
  }).sort()
  return quantile(figures, 0.025) <= TRUTH && TRUTH <= quantile(figures, 0.975)
}

const coverage = (of: (scored: Pairs) => Pairs): number =>
  Array.from({ length: SETS }, (_, at) => covers(unitsOf(of(pairsOf(`set ${at}`, ALL))), `draws ${at}`)).filter(Boolean)
    .length / SETS

describe("an interval over pairs that share texts", () => {
  it("has the true figure in it as often as it says if texts are drawn, and much less often if pairs are", () => {
    assert.isAtLeast(
      coverage((scored) => scored),
      0.88,
    )
    assert.isBelow(
      coverage((scored) => Struct.omit(scored, ["texts"])),
      0.75,
    )
  })

  it("is drawn from texts only where there are fewer of them than pairs", () => {
    assert.strictEqual(unitsOf(pairsOf("all", ALL)).count, TEXTS)
    const few = APART.slice(0, 20)
    assert.strictEqual(unitsOf(pairsOf("apart", few)).count, 20)
    const ring = Array.from({ length: 20 }, (_, at) => [at, (at + 1) % 20] as const)
    assert.strictEqual(unitsOf(pairsOf("ring", ring)).count, 20)
    const { figure } = unitsOf(pairsOf("all", ALL))
    const without = Struct.omit(pairsOf("all", ALL), ["texts"])
    assert.strictEqual(figure(new Uint32Array(TEXTS).fill(1)), whole(unitsOf(without)), "the figure is the same")
  })
})
