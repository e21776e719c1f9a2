import { Schema } from "effect"
import { Task } from "../model/Model.ts"
import { type ReasonCode, REASONS } from "../record/Verdict.ts"

const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const Positive = Schema.Finite.check(Schema.isGreaterThan(0))

/** Where a metric's value earns how many points: linear between the bounds, flat beyond them. */
const Points = Schema.NonEmptyArray(Schema.Tuple([Schema.Finite, Share])).check(
  Schema.makeFilter((points) => points.every(([value], index) => index === 0 || value > points[index - 1]![0]), {
    message: "Expected values that rise",
  }),
)

/** One thing that a use case asks for, measured on an absolute scale: other models do not change it. */
export const Criterion = Schema.Struct({
  /** A metric's id; its median over the trials is what counts. */
  metric: Schema.NonEmptyString,
  /** Exponent of its points in the score; only their ratios count. */
  weight: Positive,
  /** `[value, points]` by rising value, in the metric's unit; points from 0 to 1. */
  points: Points,
})
export type Criterion = typeof Criterion.Type

/** What a model has to be for a use case, whatever its speed. */
export const Requirements = Schema.Struct({
  /** At least so many weights: a stand-in for ability as long as no quality is measured. */
  parameters: Schema.optionalKey(Positive),
  /** At least so many tokens of context. */
  contextLength: Schema.optionalKey(Positive),
  /** A chat template in its files: a base model continues a text and does not answer. */
  chatTemplate: Schema.optionalKey(Schema.Literal(true)),
  /** One of these configs, by id: that a model is made for a domain is a claim that speed can't prove. */
  models: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString)),
})

/** What people want a model for, and how well one serves it. */
export const UseCase = Schema.Struct({
  id: Schema.NonEmptyString,
  title: Schema.NonEmptyString,
  task: Task,
  requires: Schema.optionalKey(Requirements),
  criteria: Schema.NonEmptyArray(Criterion),
})
export type UseCase = typeof UseCase.Type

/** models/rating.yaml: how stars are given, and for what. A rating names the version it was given by. */
export const RatingRules = Schema.Struct({
  /** Raise it with every change, so that old and new stars are told apart. */
  version: Schema.Int.check(Schema.isGreaterThan(0)),
  gates: Schema.Struct({
    /** Fewer measured trials are not rated. */
    trials: Schema.Int.check(Schema.isGreaterThan(0)),
    /** Nor are runs judged by one of these reasons; invalid runs never are. */
    reasons: Schema.Array(Schema.Literals(Object.keys(REASONS) as [ReasonCode, ...Array<ReasonCode>])),
  }),
  /** Share of the criteria's weight that has to be measured. */
  coverage: Share,
  /** Most stars for a model whose quality nobody has measured. */
  speedOnlyStars: Schema.Finite.check(Schema.isBetween({ minimum: 1, maximum: 5 })),
  useCases: Schema.NonEmptyArray(UseCase).check(
    Schema.makeFilter((cases) => new Set(cases.map(({ id }) => id)).size === cases.length, {
      message: "Expected each use case once",
    }),
  ),
}).annotate({ identifier: "RatingRules" })
export type RatingRules = typeof RatingRules.Type
