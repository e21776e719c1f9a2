import { knee } from "@rigbook/records"
import type { ScalingGroup, ScalingPoint } from "./BatchScaling.ts"

/**
 * The last of a group's batches that pays: see `knee`. `undefined` if the throughput still grows at the largest, or
 * if there are fewer than two. Batches that are not compared are skipped.
 */
export const lastThatPays = (group: ScalingGroup): ScalingPoint | undefined => {
  const measured = group.filter(({ compared }) => compared !== undefined)
  const at = knee(measured.map(({ compared }) => compared!.ratio))
  return at === undefined ? undefined : measured[at]
}
