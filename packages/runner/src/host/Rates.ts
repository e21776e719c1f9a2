/** What a device can do at most, by its data sheet; left out where that is not known. */
export interface Rates {
  /** Bytes that its memory gives. */
  readonly bytesPerSecond?: number
  /** Operations of dense matrix products in 16 bits, sums in 32. */
  readonly flops?: number
}

/** By the names that devices report themselves by. */
export type RatesByName = ReadonlyMap<string, Rates>
