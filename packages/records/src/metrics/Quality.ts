import { absent, type Measured, measured, type Metric, type Scored, type Units } from "@rigbook/core"

/*
 * Figures of vectors by their direction alone: cosines, whatever the vectors' lengths. Each is of all queries or pairs of a
 * dataset; a mean of them, or a correlation over them, is drawn again for its interval.
 */

const quality = {
  unit: "score",
  better: "higher",
  tasks: ["embed"],
  views: ["runs", "live"],
} as const

/** Ranks below this count for nothing. */
const DEPTH = 10

/**
 * Mean over queries of DCG / ideal DCG, with DCG = Σ 1 / log₂(1 + rank) over those documents that answer the query and rank
 * within the first ten. Source: Järvelin and Kekäläinen, ACM TOIS 20 (2002) 422, with gains of 1; ties go against the model.
 */
export const ndcg10: Metric = {
  ...quality,
  ...ofRetrieval((ranks) => gainOf(ranks) / gainOf(ranks.map((_, at) => at + 1))),
  id: "ndcg_10",
  title: "nDCG@10",
  definition: "mean over queries of Σ 1 / log2(1 + rank) over answers in the first ten ranks / the most that it can be",
  roles: ["compared"],
}

/** Mean over queries of the share of its answers that rank within the first ten. Source: as trec_eval's recall_10. */
export const recall10: Metric = {
  ...quality,
  ...ofRetrieval((ranks) => ranks.filter((rank) => rank <= DEPTH).length / ranks.length),
  id: "recall_10",
  title: "Recall@10",
  definition: "mean over queries of the share of their answers that are in the first ten ranks",
}

/**
 * Spearman's ρ of the pairs' cosines and the scores that people gave them: Pearson's correlation of their ranks, where ties
 * have their mean rank. Source: Spearman (1904); as SentEval and MTEB score STS.
 */
export const stsSpearman: Metric = {
  ...quality,
  under: "sts",
  id: "sts_spearman",
  title: "Spearman's ρ",
  definition: "rank correlation of the cosines of pairs with the scores that people gave them",
  roles: ["compared"],
  units: correlated,
  measure: ({ scored }) => figureOf(scored, correlated),
}

function ofRetrieval(figure: (ranks: ReadonlyArray<number>) => number): Pick<Metric, "measure" | "under" | "units"> {
  const units = (scored: Scored): Units | undefined => {
    if (scored.measure !== "retrieval") return undefined
    const values = scored.ranks.flatMap((ranks) => (ranks === null ? [] : [figure(ranks)]))
    return values.length < scored.ranks.length ? undefined : { count: values.length, figure: weightedMean(values) }
  }
  return { under: "retrieval", units, measure: ({ scored }) => figureOf(scored, units) }
}

function correlated(scored: Scored): Units | undefined {
  if (scored.measure !== "sts") return undefined
  const cosines = scored.cosines.filter((cosine) => cosine !== null)
  if (cosines.length < scored.cosines.length) return undefined
  const [x, y] = [rankWithin(cosines), rankWithin(scored.scores)]
  return overTexts(scored.texts, { count: cosines.length, figure: (times) => pearson(x(times), y(times), times) })
}

/**
 * Where there are fewer texts than pairs, texts are drawn in place of pairs: those that share a text are not independent. A
 * pair is then there as often as the product of its two texts. Source: Owen, Annals of Applied Statistics 1 (2007) 386, the
 * pigeonhole bootstrap.
 */
function overTexts(texts: Extract<Scored, { readonly measure: "sts" }>["texts"], pairs: Units): Units {
  if (texts === undefined || texts.length !== pairs.count) return pairs
  const count = 1 + texts.reduce((most, [a, b]) => Math.max(most, a, b), 0)
  if (count >= pairs.count) return pairs
  const [first, second] = [Uint32Array.from(texts, ([a]) => a), Uint32Array.from(texts, ([, b]) => b)]
  const drawn = new Uint32Array(texts.length)
  return {
    count,
    figure: (times) => {
      for (let at = 0; at < drawn.length; at++) {
        const [a, b] = [first[at]!, second[at]!]
        drawn[at] = a === b ? times[a]! : times[a]! * times[b]!
      }
      return pairs.figure(drawn)
    },
  }
}

const figureOf = (scored: Scored | undefined, units: (scored: Scored) => Units | undefined): Measured => {
  if (scored === undefined) return absent("there is not one vector for each text")
  const of = units(scored)
  if (of === undefined || of.count === 0)
    return absent("vectors have no direction, or it is another measure's scenario")
  const value = of.figure(new Uint32Array(of.count).fill(1))
  return Number.isFinite(value) ? measured(value) : absent("all cosines are the same: they can't be ranked")
}

const gainOf = (ranks: ReadonlyArray<number>): number =>
  ranks.reduce((sum, rank) => sum + (rank <= DEPTH ? 1 / Math.log2(1 + rank) : 0), 0)

/** The mean of values of which each is there so many times. */
export const weightedMean =
  (values: ArrayLike<number>): Units["figure"] =>
  (times) => {
    let [sum, count] = [0, 0]
    for (let at = 0; at < values.length; at++) {
      sum += times[at]! * values[at]!
      count += times[at]!
    }
    return sum / count
  }

/** Of each value its rank in a sample where it stands so many times; those that tie share their mean rank. */
const rankWithin = (values: ReadonlyArray<number>): ((times: ArrayLike<number>) => Float64Array) => {
  const distinct = [...new Set(values)].toSorted((a, b) => a - b)
  const placeOf = new Map(distinct.map((value, place) => [value, place]))
  const places = Uint32Array.from(values, (value) => placeOf.get(value)!)
  // Loops, and no iterators: a bootstrap calls this ten thousand times.
  return (times) => {
    const ranks = new Float64Array(distinct.length)
    for (let at = 0; at < places.length; at++) ranks[places[at]!]! += times[at]!
    let below = 0
    for (let place = 0; place < ranks.length; place++) {
      const tied = ranks[place]!
      ranks[place] = below + (tied + 1) / 2
      below += tied
    }
    const each = new Float64Array(places.length)
    for (let at = 0; at < places.length; at++) each[at] = ranks[places[at]!]!
    return each
  }
}

/** NaN where one of the two does not vary. */
const pearson = (x: Float64Array, y: Float64Array, times: ArrayLike<number>): number => {
  const [meanX, meanY] = [weightedMean(x)(times), weightedMean(y)(times)]
  let [xy, xx, yy] = [0, 0, 0]
  for (let at = 0; at < x.length; at++) {
    const [dx, dy] = [x[at]! - meanX, y[at]! - meanY]
    xy += times[at]! * dx * dy
    xx += times[at]! * dx * dx
    yy += times[at]! * dy * dy
  }
  return xy / Math.sqrt(xx * yy)
}
