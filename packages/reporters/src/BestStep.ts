import type { RunRecord } from "@rigbook/core"
import { type Ratio, ratioOf } from "./Ratio.ts"
import type { Tradeoff } from "./Tradeoffs.ts"

/** A run compared with the first of its comparison. */
export interface Step {
  readonly record: RunRecord
  readonly ratio: Ratio
}

/** The runs that are compared with the first, where both have a speed. Pure. */
export const stepsOf = ({ records: [base, ...others], speed }: Tradeoff): ReadonlyArray<Step> =>
  others.flatMap((record) => {
    const ratio = ratioOf(base, record, speed)
    return ratio === undefined ? [] : [{ record, ratio }]
  })

/** The one that gains most; `undefined` of none. Pure. */
export const fastest = (steps: ReadonlyArray<Step>): Step | undefined =>
  steps.reduce<Step | undefined>(
    (best, next) => (best === undefined || next.ratio.ratio > best.ratio.ratio ? next : best),
    undefined,
  )

/** The fastest of those that are compared with the first: of the sure ones, where there are any. */
export const bestStep = (tradeoff: Tradeoff): (Step & { readonly among: boolean }) | undefined => {
  const steps = stepsOf(tradeoff)
  const sure = steps.filter(({ ratio }) => ratio.trusted)
  const best = fastest(sure.length > 0 ? sure : steps)
  return best === undefined ? undefined : { ...best, among: sure.length > 0 && sure.length < steps.length }
}
