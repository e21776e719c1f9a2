import type { CriterionResult, QualityResult, Rating, RatingRules, Recommendation } from "@rigbook/core"
import { scenarioName } from "@rigbook/core"
import { Order } from "effect"
import { MISSING, percent, significant } from "../format.ts"
import { placementName, starsText } from "../names.ts"
import { REGISTRY_FOLDER } from "../paths.ts"
import { blocks, list, text } from "./escape.ts"
import { recordLink } from "./figures.ts"
import type { StaleRecords } from "./overview.ts"
import { table } from "./table.ts"

/** Ratings of a model's runs, each with its reasons; nothing if nothing was rated. */
export const ratingSection = (ratings: ReadonlyArray<Rating>): string =>
  ratings.length === 0 ? "" : blocks("### Use cases and rating", table(COLUMNS, ratings))

const COLUMNS = [
  { header: "use case", cell: ({ useCase }: Rating) => text(useCase.title) },
  { header: "run", cell: (rating: Rating) => runName(rating) },
  { header: "stars", cell: ({ result }: Rating) => ("stars" in result ? starsText(result) : "not rated") },
  {
    header: "why",
    cell: ({ criteria, quality, result }: Rating) =>
      "stars" in result
        ? [...criteria.map(criterionText), ...quality.map(qualityText)].join("; ")
        : text(result.notRated),
  },
  { header: "record", cell: ({ record }: Rating) => recordLink(record, REGISTRY_FOLDER) },
]

const runName = ({ record }: Rating): string =>
  text(`${record.cell.backend} on ${placementName(record)}, ${scenarioName(record.cell.scenario)}`)

const criterionText = ({ metric, result, unit, weight }: CriterionResult): string =>
  "points" in result
    ? text(`${metric} ${significant(result.value)} ${unit}: ${significant(result.points, 2)} points × ${weight}`)
    : text(`${metric}: ${result.absent}`)

const qualityText = ({ dataset, metric, result, unit }: QualityResult): string => {
  const name = dataset === undefined ? metric : `${metric} on ${dataset}`
  return text(
    "points" in result
      ? `${name} ${significant(result.value)} ${unit}: × ${significant(result.points, 2)}`
      : `${name}: ${result.absent}`,
  )
}

/** For each use case the best model, or that there is none; and the rules. */
export const recommendationSection = (
  rules: RatingRules | undefined,
  recommendations: ReadonlyArray<Recommendation>,
  stale: StaleRecords,
): string => {
  if (rules === undefined || recommendations.length === 0) return ""
  const hosts = new Set(recommendations.map(({ host }) => host))
  return blocks(
    "## Recommendations by use case",
    rulesText(rules),
    ...rules.useCases.map(({ id, title }) =>
      blocks(
        `### ${text(title)}`,
        list(
          recommendations
            .filter(({ useCase }) => useCase.id === id)
            .flatMap((recommendation) => lines(recommendation, hosts.size > 1, stale)),
        ),
      ),
    ),
  )
}

const rulesText = ({ coverage, gates, starsWithoutQuality, version }: RatingRules): string =>
  [
    `By version ${version} of the rules in \`models/rating.yaml\`: each criterion gives points from 0 to 1 on an absolute scale, the weighted`,
    "geometric mean of the points gives 1 to 5 stars, and the range in brackets comes from the intervals of the figures.",
    `At least ${percent(coverage)} % of the weight must be measured in ${gates.trials} trials or more; invalid runs`,
    `and those with ${gates.reasons.map((code) => `\`${code}\``).join(", ")} are not rated. Points of quality, if measured`,
    "with the same file, engine and type of KV cache, are a factor, and none means not rated. Without any, stars rate speed",
    `only and stop at ${starsWithoutQuality}. Models whose ranges overlap are a tie.`,
  ].join(" ")

const lines = ({ host, result }: Recommendation, severalHosts: boolean, stale: StaleRecords): ReadonlyArray<string> => {
  const named = (rating: Rating): string => nameOf(rating, stale)
  const on = severalHosts ? ` (host ${text(host)})` : ""
  if ("nobody" in result)
    return [
      result.nobody.length === 0
        ? `No model qualifies${on}: none was measured for it.`
        : `No model qualifies${on}: ${refusals(result.nobody)}.`,
    ]
  const [first, ...tied] = result.best
  const best = tied.length === 0 ? "Best" : `Tie of ${result.best.length}`
  return [
    `${best}${on}: ${[first, ...tied].map(named).join(", ")}`,
    `Alternative${on}: ${result.alternative === undefined ? `${MISSING} (no other architecture qualifies)` : named(result.alternative)}`,
  ]
}

const nameOf = ({ record, result }: Rating, stale: StaleRecords): string =>
  `${text(record.cell.config.name)} on ${text(`${record.cell.backend}, ${placementName(record)}`)}: ${"stars" in result ? starsText(result) : ""} (${recordLink(record, REGISTRY_FOLDER)}${stale.has(record.id) ? ", **stale**" : ""})`

/** Why runs are not rated, the most frequent reason first, with the models that it is true of. */
const refusals = (nobody: ReadonlyArray<Rating>): string =>
  [...Map.groupBy(nobody, ({ result }) => ("notRated" in result ? result.notRated : "")).entries()]
    .toSorted(([a, as], [b, bs]) => bs.length - as.length || Order.String(a, b))
    .slice(0, REASONS)
    .map(([reason, of]) => {
      const models = [...new Map(of.map((rating) => [rating.record.cell.config.name, rating.record])).values()]
      const named = models
        .slice(0, MODELS)
        .map((record) => `${text(record.cell.config.name)} (${recordLink(record, REGISTRY_FOLDER)})`)
      return `${named.join(", ")}${models.length > MODELS ? ` and ${models.length - MODELS} more` : ""}: ${text(reason)}`
    })
    .join("; ")

/** Reasons that are named, and models that one is true of. */
const [REASONS, MODELS] = [10, 5]
