import { Schema } from "effect"
import type { Draw } from "./Seeded.ts"

/** How requests arrive in an open loop: evenly, or as if from many independent people. */
export const Arrivals = Schema.Literals(["constant", "poisson"])
export type Arrivals = typeof Arrivals.Type

/**
 * When requests arrive, in integer milliseconds from the start, the resolution of timers. The first arrives at
 * once. Poisson: gaps are exponential, −ln(1 − u) / rate.
 */
export const arrivalTimes = (
  arrivals: Arrivals,
  perSecond: number,
  requests: number,
  draw: Draw,
): ReadonlyArray<number> => {
  let at = 0
  return Array.from({ length: requests }, (_, index) => {
    if (index > 0) at += ((arrivals === "constant" ? 1 : -Math.log(1 - draw())) * 1000) / perSecond
    return Math.round(at)
  })
}
