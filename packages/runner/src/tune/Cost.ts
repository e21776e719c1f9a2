import type { TunePlan } from "./Search.ts"

/** What a search takes at most: a variant's start is a model loaded, a loss is one quality cell. */
export interface Cost {
  readonly starts: number
  readonly trials: number
  readonly losses: number
}

/** The most that a plan can take, with nothing refused; pure. */
export const costOf = ({ goal, knobs, last, prefer, rungs }: TunePlan): Cost => {
  const needsLoss = goal.kld !== undefined || prefer === "kld"
  let [starts, trials] = [3 * last.turns, 3 * last.trials]
  for (const { values } of knobs) {
    let pool = values.length
    for (const [rung, count] of rungs.entries()) {
      if (pool < 2) break
      starts += pool
      trials += pool * count
      // The best so far stays beside the better half.
      if (rung < rungs.length - 1) pool = Math.min(pool, Math.max(2, Math.ceil(pool / 2)) + 1)
    }
  }
  // Each lossy knob is tried from one value of those before it.
  const lossy = knobs.filter((knob) => knob.lossy).reduce((sum, { values }) => sum + values.length - 1, 1)
  return { starts, trials, losses: needsLoss ? lossy : 0 }
}
