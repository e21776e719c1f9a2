/**
 * The least share (0 to 1) by which one more rung has to raise the throughput to be worth it. Source: ours, see `knee`.
 */
export const KNEE_GAIN = 0.05

/**
 * The place of the last rung that pays: the one before the first whose throughput is less than `gain` above that of the
 * rung before it. `undefined` while every rung still pays, and for less than two. `throughputs` are in one unit of any
 * kind and in the order of their loads, the smallest first; `gain` is a share (0 to 1). A rung that is worse than the
 * one before does not pay.
 *
 * Source: ours. A knee by curvature needs the whole curve, and moves when a rung is added at its end; this one is known
 * as soon as a rung has gained too little, so that a ramp can end there.
 */
export const knee = (throughputs: ReadonlyArray<number>, gain: number = KNEE_GAIN): number | undefined => {
  const flat = throughputs.findIndex((value, at) => at > 0 && value < throughputs[at - 1]! * (1 + gain))
  return flat < 0 ? undefined : flat - 1
}
