import { Schema } from "effect"
import type { Draw } from "./Seeded.ts"

/** How requests arrive in an open loop: evenly, or as if from many people who know nothing of each other. */
export const Arrivals = Schema.Literals(["constant", "poisson"])
export type Arrivals = typeof Arrivals.Type

/**
 * When requests arrive, in whole milliseconds from the start: timers know nothing finer. The first arrives at
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
