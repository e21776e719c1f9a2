import type { Rating, Recommendation, Registry, UseCase } from "@rigbook/core"
import { medianOf } from "@rigbook/core"
import { metricOf } from "@rigbook/records"
import { Order } from "effect"
import { MISSING, percent } from "../../format.ts"
import { isFit, nearestOf } from "../../Nearest.ts"
import { rigsOf, shortRigName } from "../../Rig.ts"
import { blocks, href, text } from "../escape.ts"
import { type Column, table } from "../table.ts"
import { type Brief, familyLink, variantLink } from "./Brief.ts"
import { figuresLine, starsMark } from "./cells.ts"

/** Rows of the table: use cases by hosts. */
const ROWS = 24
/** Of a tie, so many others are named. */
const TIED = 3

/** Which model for which use, in a row each; nothing without rules. */
export const bestForSection = (brief: Brief): string => {
  const { records, registry } = brief
  const { recommendations, rules } = registry
  if (rules === undefined || records.length === 0) return ""
  const rigs = rigsOf(records)
  const rows = rigs
    .flatMap(({ host }) => rules.useCases.map((useCase) => find(recommendations, useCase, host.fingerprint)))
    .slice(0, ROWS)
  return blocks("## Best for", table(columns(brief, rigs.length > 1), rows), rulesText(registry))
}

const find = (all: Registry["recommendations"], useCase: UseCase, host: string): Recommendation =>
  all.find((each) => each.useCase.id === useCase.id && each.host === host) ?? { useCase, host, result: { nobody: [] } }

const columns = (brief: Brief, severalRigs: boolean): ReadonlyArray<Column<Recommendation>> => [
  {
    header: "verdict",
    cell: ({ result }) => ("best" in result ? brief.references.mark(result.best[0].record) : MISSING),
  },
  { header: "use case", cell: ({ useCase }) => `**${text(useCase.title)}**` },
  ...(severalRigs ? [{ header: "rig", cell: (row: Recommendation) => rigOf(brief, row) }] : []),
  { header: "best", cell: (row) => ("best" in row.result ? named(brief, row.result.best[0]) : nobody(brief, row)) },
  { header: "figures", cell: ({ result }) => ("best" in result ? figures(result.best[0]) : MISSING) },
  { header: "tie, alternative", cell: ({ result }) => ("best" in result ? others(brief, result) : MISSING) },
]

const rigOf = ({ records }: Brief, { host }: Recommendation): string => {
  const record = records.find(({ cell }) => cell.host.fingerprint === host)
  return text(record === undefined ? host : shortRigName(record.cell.host))
}

const named = (brief: Brief, { record }: Rating): string => {
  const family = brief.familyOf(record)
  const caution = record.verdict.status === "valid" ? "" : "; **no valid run is rated**"
  return `${familyLink(family)}, ${variantLink(family, brief.variantOf(record))}${staleText(brief, record.id)}${caution}`
}

const staleText = ({ registry }: Brief, id: string): string => (registry.stale.has(id) ? ", **stale**" : "")

const isOfSpeed = (quality: Rating["quality"]): boolean => quality.every(({ result }) => "absent" in result)

const figures = ({ quality, record, result }: Rating): string =>
  [
    ...("stars" in result ? [`${starsMark(result)}${isOfSpeed(quality) ? " speed only" : ""}`] : []),
    figuresLine(record, 4),
  ].join("; ")

type Best = Extract<Recommendation["result"], { readonly best: unknown }>

const others = (brief: Brief, { alternative, best: [first, ...tied] }: Best): string => {
  const variants = tiedVariants(brief, first)
  const lines = [
    ...(variants.length === 0
      ? []
      : [
          `as many stars, more memory: ${variants.map((rating) => `${brief.references.mark(rating.record)} ${variantLink(brief.familyOf(rating.record), brief.variantOf(rating.record))}, ${figuresLine(rating.record, 2)}`).join("; ")}`,
        ]),
    ...(tied.length === 0
      ? []
      : [
          `tie, since the ranges of their stars meet: ${tied
            .slice(0, TIED)
            .map((rating) => `${brief.references.mark(rating.record)} ${familyLink(brief.familyOf(rating.record))}`)
            .join(
              ", ",
            )}${tied.length > TIED ? ` and ${tied.length - TIED} more` : ""}; least memory: ${leastMemory(brief, [first, ...tied])}`,
        ]),
    ...(alternative === undefined
      ? []
      : [
          `alternative: ${brief.references.mark(alternative.record)} ${familyLink(brief.familyOf(alternative.record))}, ${figuresLine(alternative.record, 1)}`,
        ]),
  ]
  return lines.join("; ") || MISSING
}

/** Other variants of the same model that the stars can't tell from the one that is named: the best run of each. */
const tiedVariants = (brief: Brief, first: Rating): ReadonlyArray<Rating> => {
  const family = brief.familyOf(first.record)
  const low = "stars" in first.result ? first.result.low : 0
  const alike = family.entries
    .flatMap(({ ratings }) => ratings)
    .filter(
      ({ record, result, useCase }) =>
        useCase.id === first.useCase.id &&
        record.verdict.status === first.record.verdict.status &&
        record.cell.host.fingerprint === first.record.cell.host.fingerprint &&
        brief.variantOf(record) !== brief.variantOf(first.record) &&
        "stars" in result &&
        result.high >= low,
    )
    .toSorted((a, b) => scoreOf(b) - scoreOf(a) || Order.String(a.record.id, b.record.id))
  const best = [...Map.groupBy(alike, ({ record }) => brief.variantOf(record)).values()].map(([one]) => one!)
  return best.slice(0, TIED)
}

const scoreOf = ({ result }: Rating): number => ("score" in result ? result.score : 0)

const leastMemory = (brief: Brief, ratings: ReadonlyArray<Rating>): string => {
  const memory = ({ record }: Rating): number =>
    medianOf(record, metricOf("memory", record.cell.task).id) ?? Number.POSITIVE_INFINITY
  const least = ratings.reduce((best, next) => (memory(next) < memory(best) ? next : best))
  return text(brief.familyOf(least.record).name)
}

/** The nearest that is measured with what it is short of, and what is planned for it with the command that measures it. */
const nobody = (brief: Brief, { result, useCase }: Recommendation): string => {
  const nearest = "nobody" in result ? nearestOf(result.nobody, useCase) : undefined
  const next = brief.registry.planned.find((model) => isFit(model, useCase))
  return [
    nearest === undefined
      ? "No model qualifies: none was measured for it"
      : `No model qualifies. Nearest: ${brief.references.mark(nearest.record)} ${familyLink(brief.familyOf(nearest.record))}: ${text("notRated" in nearest.result ? nearest.result.notRated : "")}`,
    ...(next === undefined ? [] : [`next: \`rigbook run ${href(next.id)}\``]),
  ].join("; ")
}

const rulesText = ({ rules }: Registry): string => {
  if (rules === undefined) return ""
  const { coverage, gates, starsWithoutQuality, version } = rules
  return (
    `Stars follow [rating.yaml](rating.yaml), version ${version}: ${percent(coverage)} % of the weight measured in ${gates.trials} trials or more. ` +
    "Valid runs lead, and a suspect one stands only where no valid one is rated; variants of one model count once. " +
    `Points of quality are a factor; without any, stars stop at ${starsWithoutQuality}. Why each run is rated or not is on the page of its model.`
  )
}
