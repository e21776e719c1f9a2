import { Schema } from "effect"
import { Task } from "../model/Model.ts"
import { type ReasonCode, REASONS } from "../record/Verdict.ts"

const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const Positive = Schema.Finite.check(Schema.isGreaterThan(0))

/** How many points a metric's value gives: linear between the bounds, constant beyond them. */
const Points = Schema.NonEmptyArray(Schema.Tuple([Schema.Finite, Share])).check(
  Schema.makeFilter((points) => points.every(([value], index) => index === 0 || value > points[index - 1]![0]), {
    message: "Expected values that rise",
  }),
)

/** One requirement of a use case, on an absolute scale: other models do not change it. */
export const Criterion = Schema.Struct({
  /** A metric's id; its median over the trials is what counts. */
  metric: Schema.NonEmptyString,
  /** Exponent of its points in the score; only their ratios count. */
  weight: Positive,
  /** `[value, points]` by rising value, in the metric's unit; points from 0 to 1. */
  points: Points,
})
export type Criterion = typeof Criterion.Type

/** What a model needs for a use case, whatever its speed. */
export const Requirements = Schema.Struct({
  /** Minimum number of weights: a substitute for ability, which a loss by quantization does not measure. */
  parameters: Schema.optionalKey(Positive),
  /** Minimum context in tokens. */
  contextLength: Schema.optionalKey(Positive),
  /** A chat template in its files: a base model continues a text and does not answer. */
  chatTemplate: Schema.optionalKey(Schema.Literal(true)),
})

/**
 * One figure of quality: its points multiply the score, and none means not suited. Only a valid run counts that
 * measured the same file, in the same engine, with the same type of the KV cache.
 */
export const QualityCriterion = Schema.Struct({
  /** A metric's id, such as `kld_mean`. */
  metric: Schema.NonEmptyString,
  /** The dataset, or set of texts, by its name; any if left out. */
  dataset: Schema.optionalKey(Schema.NonEmptyString),
  /** `[value, points]` by rising value, in the metric's unit; points from 0 to 1. */
  points: Points,
  /** Without it a model is not rated, instead of up to `starsWithoutQuality`. */
  required: Schema.optionalKey(Schema.Literal(true)),
})
export type QualityCriterion = typeof QualityCriterion.Type

/** A use of models, and how to rate a model for it. */
export const UseCase = Schema.Struct({
  id: Schema.NonEmptyString,
  title: Schema.NonEmptyString,
  task: Task,
  requires: Schema.optionalKey(Requirements),
  criteria: Schema.NonEmptyArray(Criterion),
  /** How good answers have to be. */
  quality: Schema.optionalKey(Schema.NonEmptyArray(QualityCriterion)),
})
export type UseCase = typeof UseCase.Type

/** models/rating.yaml: the rules for stars. A rating names their version. */
export const RatingRules = Schema.Struct({
  /** Raise it with every change, so that old and new stars can be distinguished. */
  version: Schema.Int.check(Schema.isGreaterThan(0)),
  gates: Schema.Struct({
    /** Fewer measured trials are not rated. */
    trials: Schema.Int.check(Schema.isGreaterThan(0)),
    /** Nor are runs with one of these reasons; invalid runs never are. */
    reasons: Schema.Array(Schema.Literals(Object.keys(REASONS) as [ReasonCode, ...Array<ReasonCode>])),
  }),
  /** Share of the criteria's weight that has to be measured. */
  coverage: Share,
  /** Maximum stars where none of the use case's figures of quality is measured. */
  starsWithoutQuality: Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 5 })),
  useCases: Schema.NonEmptyArray(UseCase).check(
    Schema.makeFilter((cases) => new Set(cases.map(({ id }) => id)).size === cases.length, {
      message: "Expected each use case once",
    }),
  ),
}).annotate({ identifier: "RatingRules" })
export type RatingRules = typeof RatingRules.Type
