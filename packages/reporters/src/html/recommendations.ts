import type { Rating, Recommendation, Registry } from "@rigbook/core"
import { placementName } from "../names.ts"
import { shortRigName } from "../Rig.ts"
import { visible } from "@rigbook/core"
import { Order } from "effect"
import { figuresOf } from "../questions/use.ts"
import { shapeMark, starsMark } from "../markup/marks.ts"
import { type Markup, markup, section } from "../markup/markup.ts"

/** This many of a tie are on the card; the others unfold. */
const NAMED = 3
/** This many reasons why no model qualifies are shown. */
const REASONS = 5
/** This many figures of a run are on the card. */
const FIGURES = 4

/** A card for each use case and host: which model is best, or that none qualifies. Nothing without rules. */
export const recommendationSection = ({ entries, recommendations, rules, stale }: Registry): ReadonlyArray<Markup> => {
  if (rules === undefined || recommendations.length === 0) return []
  const hosts = new Map(entries.flatMap(({ records }) => records.map(({ cell: { host } }) => [host.fingerprint, host])))
  const isOne = new Set(recommendations.map(({ host }) => host)).size < 2
  const rigOf = (fingerprint: string): string | undefined => (isOne ? undefined : shortRigName(hosts.get(fingerprint)!))
  const cards = rules.useCases.flatMap(({ id }) =>
    recommendations
      .filter(({ useCase }) => useCase.id === id)
      .map((recommendation) => card(recommendation, rigOf(recommendation.host), stale)),
  )
  return [
    section(
      "recommendations",
      "Best for",
      markup("div", { class: "cards" }, ...cards),
      markup(
        "p",
        { class: "small" },
        `By version ${rules.version} of the rules in models/rating.yaml, from measured figures only. A range in brackets comes from their intervals; models whose ranges overlap are a tie. Where no quality is measured, stars rate speed only and stop at ${rules.starsWithoutQuality}.`,
      ),
    ),
  ]
}

type Stale = Registry["stale"]

const card = ({ result, useCase }: Recommendation, rig: string | undefined, stale: Stale): Markup =>
  markup(
    "article",
    { class: "card" },
    markup("h3", {}, visible(useCase.title)),
    ...(rig === undefined ? [] : [markup("p", { class: "small" }, `on ${visible(rig)}`)]),
    ...("nobody" in result ? nobodyQualifies(result.nobody) : somebody(result, stale)),
  )

const somebody = ({ alternative, best }: Exclude<Recommendation["result"], { nobody: unknown }>, stale: Stale) => {
  const ranked = (rating: Rating): Markup => rankedItem(rating, stale)
  const [named, others] = [best.slice(0, NAMED), best.slice(NAMED)]
  return [
    ...(best.length === 1 ? [] : [markup("p", { class: "tie" }, `Tie of ${best.length}`)]),
    markup("ul", { class: "ranked" }, ...named.map(ranked)),
    ...(others.length === 0
      ? []
      : [
          markup(
            "details",
            {},
            markup("summary", {}, `${others.length} more of the tie`),
            markup("ul", { class: "ranked" }, ...others.map(ranked)),
          ),
        ]),
    ...(alternative === undefined
      ? []
      : [markup("p", { class: "tie" }, "Alternative"), markup("ul", { class: "ranked" }, ranked(alternative))]),
  ]
}

const rankedItem = (rating: Rating, stale: Stale): Markup => {
  const { record, result } = rating
  const { backend, config } = record.cell
  const { status } = record.verdict
  return markup(
    "li",
    {},
    markup("a", { href: `#run=${encodeURIComponent(record.id)}` }, visible(config.name)),
    ...("stars" in result
      ? [markup("span", { class: "rated" }, starsMark(result.stars), ` ${starsWords(result)}`)]
      : []),
    markup("span", { class: "figures" }, figuresOf(record, FIGURES)),
    markup(
      "span",
      { class: "small" },
      markup("span", { class: `verdict ${status}` }, shapeMark(status), status),
      ...(stale.has(record.id) ? [" ", markup("span", { class: "stale" }, "stale")] : []),
      `, ${visible(backend)} on ${visible(placementName(record))}`,
    ),
  )
}

const starsWords = ({ high, low, stars }: Extract<Rating["result"], { stars: number }>): string =>
  `${stars} of 5${low === high ? "" : ` (${low} to ${high})`}`

/** That no model qualifies, and why: the most frequent reason first. */
const nobodyQualifies = (nobody: ReadonlyArray<Rating>): ReadonlyArray<Markup> => {
  if (nobody.length === 0) return [markup("p", {}, "No model qualifies: none was measured for it.")]
  const reasons = [...Map.groupBy(nobody, ({ result }) => ("notRated" in result ? result.notRated : "")).entries()]
    .toSorted(([a, as], [b, bs]) => bs.length - as.length || Order.String(a, b))
    .map(([reason, of]) => `${visible(reason)} (${of.length} ${of.length === 1 ? "run" : "runs"})`)
  const left = reasons.length - REASONS
  return [
    markup("p", {}, "No model qualifies."),
    markup(
      "details",
      {},
      markup("summary", {}, "Why"),
      markup(
        "ul",
        {},
        ...reasons.slice(0, REASONS).map((reason) => markup("li", {}, reason)),
        ...(left > 0 ? [markup("li", {}, `and ${left} other reasons`)] : []),
      ),
    ),
  ]
}
