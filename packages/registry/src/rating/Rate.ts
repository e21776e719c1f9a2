import {
  type Criterion,
  type CriterionResult,
  isQuality,
  type Rating,
  type RatingRules,
  type RunRecord,
  type Stars,
  type UseCase,
  weightCount,
  weightsMark,
} from "@rigbook/core"

/**
 * Rates a run for one use case: gates first, then each criterion on its absolute scale, then the weighted
 * geometric mean, in which no strong point compensates for a weak one. Both ends of the values' intervals are
 * rated as well. Pure. `undefined` for a run of another task or of quality, or one without any of the use case's metrics.
 */
export const rate = (rules: RatingRules, useCase: UseCase, record: RunRecord): Rating | undefined => {
  if (record.cell.task !== useCase.task || isQuality(record.cell.scenario)) return undefined
  const criteria = useCase.criteria.map((criterion) => measuredBy(record, criterion))
  if (criteria.every(({ result }) => "absent" in result)) return undefined
  const notRated = gate(rules, record) ?? unmet(useCase, record) ?? uncovered(rules, criteria)
  return {
    useCase,
    record,
    criteria,
    result: notRated === undefined ? starsOf(rules, useCase, record, criteria) : { notRated },
  }
}

const measuredBy = (record: RunRecord, { metric, points: scale, weight }: Criterion): CriterionResult => {
  const value = record.values.find((candidate) => candidate.metric === metric)
  const common = { metric, unit: value?.unit ?? "", weight, scale }
  if (value === undefined) return { ...common, result: { absent: "this run does not measure it" } }
  if ("absent" in value.result) return { ...common, result: { absent: value.result.absent } }
  const { median } = value.result.summary
  return { ...common, result: { value: median, points: pointsFor(scale, median) } }
}

/**
 * Points for a `value` in the metric's unit: linear between the two bounds around it, those of the nearest bound beyond
 * the ends.
 */
export const pointsFor = (scale: Criterion["points"], value: number): number => {
  const above = scale.findIndex(([bound]) => value <= bound)
  if (above === -1) return scale.at(-1)![1]
  const [high, highPoints] = scale[above]!
  if (above === 0) return highPoints
  const [low, lowPoints] = scale[above - 1]!
  return lowPoints + ((highPoints - lowPoints) * (value - low)) / (high - low)
}

const gate = ({ gates }: RatingRules, { cell, samples, verdict }: RunRecord): string | undefined => {
  const mark = weightsMark(cell.model)
  if (mark !== undefined) return `it has ${mark}`
  if (verdict.status === "invalid") return "the run is invalid"
  const barring: ReadonlyArray<string> = gates.reasons
  const barred = verdict.reasons.find(({ code }) => barring.includes(code))
  if (barred !== undefined) return `its verdict has ${barred.code}`
  return samples.measured < gates.trials ? `${samples.measured} of at least ${gates.trials} trials` : undefined
}

const unmet = ({ requires = {} }: UseCase, { cell: { config, model } }: RunRecord): string | undefined => {
  const { chatTemplate, contextLength, models, parameters } = requires
  if (parameters !== undefined && model.parameters === undefined)
    return "its server does not report how many weights it has"
  if (parameters !== undefined && model.parameters! < parameters) return tooFew(model.parameters!, parameters)
  if (contextLength !== undefined && (model.contextLength ?? 0) < contextLength)
    return `its context is ${model.contextLength ?? "unknown"}, of at least ${contextLength} tokens`
  if (chatTemplate === true && !model.chatTemplate) return "it has no chat template: it is a base model"
  return models === undefined || models.includes(config.id)
    ? undefined
    : "it is not among the models named for this use case"
}

/** Three digits are enough, unless both would look equal. */
const tooFew = (weights: number, least: number): string => {
  const [has, of] = [weights, least].map(weightCount)
  return has === of ? `it has ${weights} weights, of at least ${least}` : `it has ${has} weights, of at least ${of}`
}

const coverageOf = (criteria: ReadonlyArray<CriterionResult>): number => {
  const weigh = (of: ReadonlyArray<CriterionResult>) => of.reduce((sum, { weight }) => sum + weight, 0)
  return weigh(criteria.filter(({ result }) => "points" in result)) / weigh(criteria)
}

const uncovered = (rules: RatingRules, criteria: ReadonlyArray<CriterionResult>): string | undefined => {
  const coverage = coverageOf(criteria)
  if (coverage >= rules.coverage) return undefined
  const missing = criteria.filter(({ result }) => "absent" in result).map(({ metric }) => metric)
  return `too little is measured: ${missing.join(", ")} missing`
}

const starsOf = (
  rules: RatingRules,
  useCase: UseCase,
  record: RunRecord,
  criteria: ReadonlyArray<CriterionResult>,
): Stars => {
  const score = geometricMean(
    criteria.flatMap(({ result, weight }) => ("points" in result ? [{ points: result.points, weight }] : [])),
  )
  const ends = (["low", "high"] as const).map((end) => geometricMean(pointsAt(useCase, record, end)))
  const stars = (of: number) => Math.min(rules.speedOnlyStars, Math.round(2 * (1 + 4 * of)) / 2)
  return {
    stars: stars(score),
    low: stars(Math.min(score, ...ends)),
    high: stars(Math.max(score, ...ends)),
    score,
    coverage: coverageOf(criteria),
    speedOnly: true,
  }
}

interface Weighed {
  readonly points: number
  readonly weight: number
}

/** Points at the worse (`low`) or better end of each value's interval; at its median where there is none. */
const pointsAt = ({ criteria }: UseCase, { values }: RunRecord, end: "low" | "high"): ReadonlyArray<Weighed> =>
  criteria.flatMap(({ metric, points: scale, weight }) => {
    const result = values.find((value) => value.metric === metric)?.result
    if (result === undefined || "absent" in result) return []
    const { high, low, median } = result.summary
    const both = [low ?? median, high ?? median].map((value) => pointsFor(scale, value))
    return [{ points: end === "low" ? Math.min(...both) : Math.max(...both), weight }]
  })

const geometricMean = (of: ReadonlyArray<Weighed>): number => {
  const total = of.reduce((sum, { weight }) => sum + weight, 0)
  return Math.exp(of.reduce((sum, { points, weight }) => sum + (weight / total) * Math.log(points), 0))
}
