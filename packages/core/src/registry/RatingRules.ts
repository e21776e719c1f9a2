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
  /** Minimum number of weights: a substitute for ability as long as no quality is measured. */
  parameters: Schema.optionalKey(Positive),
  /** Minimum context in tokens. */
  contextLength: Schema.optionalKey(Positive),
  /** A chat template in its files: a base model continues a text and does not answer. */
  chatTemplate: Schema.optionalKey(Schema.Literal(true)),
  /** One of these configs, by id: speed can't prove that a model is made for a domain. */
  models: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString)),
})

/** A use of models, and how to rate a model for it. */
export const UseCase = Schema.Struct({
  id: Schema.NonEmptyString,
  title: Schema.NonEmptyString,
  task: Task,
  requires: Schema.optionalKey(Requirements),
  criteria: Schema.NonEmptyArray(Criterion),
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
  /** Maximum stars for a model whose quality is not measured. */
  speedOnlyStars: Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 5 })),
  useCases: Schema.NonEmptyArray(UseCase).check(
    Schema.makeFilter((cases) => new Set(cases.map(({ id }) => id)).size === cases.length, {
      message: "Expected each use case once",
    }),
  ),
}).annotate({ identifier: "RatingRules" })
export type RatingRules = typeof RatingRules.Type
