import {
  type Criterion,
  type CriterionResult,
  isQuality,
  type QualityResult,
  type Rating,
  type RatingRules,
  type RunRecord,
  type Stars,
  type UseCase,
  weightCount,
  weightsMark,
} from "@rigbook/core"
import { pointsFor } from "./Points.ts"
import { qualityOf } from "./Quality.ts"

/**
 * Rates a run for one use case: gates first, then each criterion on its absolute scale, then the weighted
 * geometric mean, in which no strong point compensates for a weak one, times the points of quality. Both ends of the
 * values' intervals are rated as well. `runs`: where quality may have been measured. Pure. `undefined` for a run of another task or of quality, or one without any of the use case's metrics.
 */
export const rate = (
  rules: RatingRules,
  useCase: UseCase,
  record: RunRecord,
  runs: ReadonlyArray<RunRecord> = [],
): Rating | undefined => {
  if (record.cell.task !== useCase.task || isQuality(record.cell.scenario)) return undefined
  const criteria = useCase.criteria.map((criterion) => measuredBy(record, criterion))
  if (criteria.every(({ result }) => "absent" in result)) return undefined
  const quality = qualityOf(record, useCase, runs)
  const notRated = gate(rules, record) ?? unmet(useCase, record) ?? poor(useCase, quality) ?? uncovered(rules, criteria)
  return {
    useCase,
    record,
    criteria,
    quality,
    result: notRated === undefined ? starsOf(rules, useCase, record, criteria, quality) : { notRated },
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

const gate = ({ gates }: RatingRules, { cell, samples, verdict }: RunRecord): string | undefined => {
  const mark = weightsMark(cell.model)
  if (mark !== undefined) return `it has ${mark}`
  if (verdict.status === "invalid") return "the run is invalid"
  const barring: ReadonlyArray<string> = gates.reasons
  const barred = verdict.reasons.find(({ code }) => barring.includes(code))
  if (barred !== undefined) return `its verdict has ${barred.code}`
  return samples.measured < gates.trials ? `${samples.measured} of at least ${gates.trials} trials` : undefined
}

const unmet = ({ requires = {} }: UseCase, { cell: { model } }: RunRecord): string | undefined => {
  const { chatTemplate, contextLength, parameters } = requires
  if (parameters !== undefined && model.parameters === undefined)
    return "its server does not report how many weights it has"
  if (parameters !== undefined && model.parameters! < parameters) return tooFew(model.parameters!, parameters)
  if (contextLength !== undefined && (model.contextLength ?? 0) < contextLength)
    return `its context is ${model.contextLength ?? "unknown"}, of at least ${contextLength} tokens`
  return chatTemplate === true && !model.chatTemplate ? "it has no chat template: it is a base model" : undefined
}

/** A required figure that is missing, or one that gives no points. */
const poor = ({ quality: criteria }: UseCase, quality: ReadonlyArray<QualityResult>): string | undefined => {
  for (const [index, { dataset, metric, result, unit }] of quality.entries()) {
    const { points: scale, required } = criteria![index]!
    const name = `${metric}${dataset === undefined ? "" : ` on ${dataset}`}`
    if ("absent" in result) {
      if (required === true) return `${name} is not measured`
      continue
    }
    const good = scale.filter(([, points]) => points > 0).map(([bound]) => bound)
    if (result.points === 0)
      return (
        `${name} is ${Number(result.value.toPrecision(3))} ${unit}`.trimEnd() +
        `, which gives no points (${good.join(", ")} would)`
      )
  }
  return undefined
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
  quality: ReadonlyArray<QualityResult>,
): Stars => {
  const measured = quality.flatMap(({ result }) => ("points" in result ? [result] : []))
  const factor = (end: "points" | "low" | "high"): number => measured.reduce((product, of) => product * of[end], 1)
  const most = measured.length === 0 ? rules.starsWithoutQuality : 5
  const score =
    factor("points") *
    geometricMean(
      criteria.flatMap(({ result, weight }) => ("points" in result ? [{ points: result.points, weight }] : [])),
    )
  const ends = (["low", "high"] as const).map((end) => factor(end) * geometricMean(pointsAt(useCase, record, end)))
  const stars = (of: number) => Math.min(most, Math.round(2 * (1 + 4 * of)) / 2)
  return {
    stars: stars(score),
    low: stars(Math.min(score, ...ends)),
    high: stars(Math.max(score, ...ends)),
    score,
    coverage: coverageOf(criteria),
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
