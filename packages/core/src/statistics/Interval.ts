/** An interval, and the share of repetitions in which one made this way holds what it is for. */
export interface Interval {
  readonly low: number
  readonly high: number
  readonly confidence: number
}
