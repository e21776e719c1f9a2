import { Schema } from "effect"
import { Amount, MOST } from "./Amounts.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0), Schema.isLessThanOrEqualTo(MOST))
/** A share of a value: 0.02 is 2 %. */
const Within = Schema.Finite.check(Schema.isBetween({ minimum: 0.001, maximum: 0.5 }))

const ordered = Schema.makeFilter<{ readonly min?: number; readonly max: number }>(({ max, min = 0 }) =>
  min <= max ? [] : [{ path: ["max"], issue: `Expected min ${min} or more, found ${max}` }],
)

/** Measured trials of a cell: a number, or as many as make its figures precise enough. */
export const Trials = Schema.Union([
  Amount,
  Schema.Struct({
    /** Minimum number of trials: below six there is no 95 % interval. */
    min: Amount.check(Schema.isGreaterThanOrEqualTo(6)),
    /** Maximum number of trials. */
    max: Amount,
    /** Half the 95 % interval of each headline figure, as a share of its median: 0.02 is 2 %. */
    within: Within.annotate({ description: "Half the 95 % interval, as a share of the median" }),
  }).check(ordered),
]).annotate({
  identifier: "Trials",
  description: "A number, or { min, max, within }: until each headline figure's 95 % interval is within a share of it",
})
export type Trials = typeof Trials.Type

/** Warm-up trials before each opening's measured ones: a number, or until they no longer change. */
export const Warmup = Schema.Union([
  Count,
  Schema.Struct({
    /** Minimum number of warm-up trials; 3 by default. */
    min: Schema.optionalKey(Count),
    /** Maximum number of warm-up trials: 3 or more, because three values have to agree. */
    max: Amount.check(Schema.isGreaterThanOrEqualTo(3)),
    /** Distance of the last three values from their median, as a share of it: 0.05 is 5 %. */
    within: Within.annotate({ description: "Distance of the last three values from their median, as a share of it" }),
  }).check(ordered),
]).annotate({
  identifier: "Warmup",
  description: "A number, or { max, within }: until the last three values of each headline figure agree within a share",
})
export type Warmup = typeof Warmup.Type

/** The minimum and maximum number of trials. */
export const bounds = (requested: Trials | Warmup): { readonly min: number; readonly max: number } =>
  typeof requested === "number" ? { min: requested, max: requested } : { min: requested.min ?? 3, max: requested.max }

/** For people: `10`, or `6 to 30 (until within 2 %)`. */
export const repetitionName = (requested: Trials | Warmup): string =>
  typeof requested === "number"
    ? String(requested)
    : `${bounds(requested).min} to ${requested.max} (until within ${Number((100 * requested.within).toPrecision(3))} %)`
