/**
 * An interval from `low` to `high`, in the unit of the values, and its `confidence`: the share of repetitions, 0 to 1, in
 * which one made this way holds what it is for.
 */
export interface Interval {
  readonly low: number
  readonly high: number
  readonly confidence: number
}
