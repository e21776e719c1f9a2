import type { Criterion } from "@rigbook/core"

/**
 * Points for a `value` in the metric's unit: linear between the two bounds around it, those of the nearest bound beyond
 * the ends.
 */
export const pointsFor = (scale: Criterion["points"], value: number): number => {
  const above = scale.findIndex(([bound]) => value <= bound)
  if (above === -1) return scale.at(-1)![1]
  const [high, highPoints] = scale[above]!
  if (above === 0) return highPoints
  const [low, lowPoints] = scale[above - 1]!
  return lowPoints + ((highPoints - lowPoints) * (value - low)) / (high - low)
}
