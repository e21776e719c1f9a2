import type { Rating, Recommendation, Registry, RunRecord } from "@rigbook/core"
import { METRICS } from "@rigbook/core"
import { placementName, starsText } from "../names.ts"
import { byCodeUnit } from "../order.ts"
import { seen } from "./inert.ts"
import { Markup, markup } from "./markup.ts"

/** Of a long list, so many are named and the others counted. */
const NAMED = 5

/** For each use case who is best, or why nobody is; nothing without rules. */
export const recommendationSection = ({ recommendations, rules }: Registry): ReadonlyArray<Markup> => {
  if (rules === undefined || recommendations.length === 0) return []
  const severalHosts = new Set(recommendations.map(({ host }) => host)).size > 1
  return [
    section(
      "recommendations",
      "Recommendations by use case",
      markup(
        "dl",
        { class: "recommendations" },
        ...rules.useCases.flatMap(({ id, title }) => [
          markup("dt", {}, seen(title)),
          ...recommendations
            .filter(({ useCase }) => useCase.id === id)
            .flatMap((recommendation) => answers(recommendation, severalHosts)),
        ]),
      ),
      markup(
        "p",
        {},
        `By version ${rules.version} of the rules in models/rating.yaml, from measured figures alone. The range in brackets is what their intervals leave; models whose ranges overlap are a tie. Quality is not measured yet, so the stars speak of speed and stop at ${rules.speedOnlyStars}.`,
      ),
    ),
  ]
}

const answers = ({ host, result }: Recommendation, severalHosts: boolean): ReadonlyArray<Markup> => {
  const on = severalHosts ? ` (host ${seen(host)})` : ""
  if ("nobody" in result) return [markup("dd", {}, `Nobody${on}: ${refusals(result.nobody)}`)]
  const { alternative, best } = result
  const left = best.length - NAMED
  return [
    markup(
      "dd",
      {},
      best.length === 1 ? `Best${on}:` : `Tie of ${best.length}${on}:`,
      markup(
        "ul",
        {},
        ...best.slice(0, NAMED).map((rating) => markup("li", {}, ...rated(rating))),
        ...(left > 0 ? [markup("li", {}, `and ${left} more`)] : []),
      ),
    ),
    ...(alternative === undefined ? [] : [markup("dd", {}, `Alternative${on}: `, ...rated(alternative))]),
  ]
}

const rated = ({ record, result }: Rating): ReadonlyArray<Markup | string> => [
  markup("a", { href: `#run=${encodeURIComponent(record.id)}` }, seen(record.cell.config.name)),
  ` on ${seen(record.cell.backend)}, ${seen(placementName(record))}`,
  "stars" in result ? `: ${starsText(result)}` : "",
]

/** `too little is measured: ttft missing (3 runs); the run is invalid (1 run)`, the most frequent reason first. */
const refusals = (nobody: ReadonlyArray<Rating>): string => {
  if (nobody.length === 0) return "no model was measured for it."
  const reasons = [...Map.groupBy(nobody, ({ result }) => ("notRated" in result ? result.notRated : "")).entries()]
    .toSorted(([a, as], [b, bs]) => bs.length - as.length || byCodeUnit(a, b))
    .map(([reason, of]) => `${seen(reason)} (${of.length} ${of.length === 1 ? "run" : "runs"})`)
  const left = reasons.length - NAMED
  return `${reasons.slice(0, NAMED).join("; ")}${left > 0 ? `; and ${left} other reasons` : ""}.`
}

/** What each metric means that appears in the records. */
export const definitionSection = (records: ReadonlyArray<RunRecord>): ReadonlyArray<Markup> => {
  const order = METRICS.map(({ id }) => id)
  const rank = (id: string): number => (order.includes(id) ? order.indexOf(id) : order.length)
  const values = new Map(records.flatMap((record) => record.values).map((value) => [value.metric, value] as const))
  if (values.size === 0) return []
  return [
    section(
      "metrics",
      "How figures are defined",
      markup(
        "p",
        {},
        "Each measured trial gives one value; a figure is the median of these values, shown with four digits. The interval is made of order statistics and holds the true median with 95 % confidence or more; below six trials there is none. CV is the sample standard deviation divided by the mean. All digits are in the records.",
      ),
      markup(
        "dl",
        {},
        ...[...values.values()]
          .toSorted((a, b) => rank(a.metric) - rank(b.metric) || byCodeUnit(a.metric, b.metric))
          .flatMap(({ better, definition, title, unit }) => [
            markup("dt", {}, `${seen(title)} (${seen(unit)}, ${better} is better)`),
            markup("dd", {}, `${seen(definition)}.`),
          ]),
      ),
    ),
  ]
}

const section = (id: string, title: string, ...children: ReadonlyArray<Markup>): Markup =>
  markup("section", { id }, markup("h2", {}, title), ...children)
