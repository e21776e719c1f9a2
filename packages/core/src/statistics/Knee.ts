/** The least share by which one more rung has to raise the throughput to be worth it. */
export const KNEE_GAIN = 0.05

/**
 * The place of the last rung that pays: the one before the first whose throughput is less than `gain` above that of the
 * rung before it. `undefined` while every rung still pays, and for less than two. Throughputs stand in the order of
 * their loads; a rung that does worse than the one before pays nothing.
 */
export const knee = (throughputs: ReadonlyArray<number>, gain: number = KNEE_GAIN): number | undefined => {
  const flat = throughputs.findIndex((value, at) => at > 0 && value < throughputs[at - 1]! * (1 + gain))
  return flat < 0 ? undefined : flat - 1
}
