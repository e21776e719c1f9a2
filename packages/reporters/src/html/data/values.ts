import type { MetricValue } from "@rigbook/core"
import { visible } from "@rigbook/core"
import type { PageValue } from "../PageRun.ts"
import { rounded } from "../rounded.ts"

/** A metric's value as the page shows it. */
export const pageValue = ({ result }: MetricValue): PageValue => {
  if ("absent" in result) return visible(result.absent)
  const { cv, high, low, median } = result.summary
  return {
    median: rounded(median),
    ...(low === undefined || high === undefined ? {} : { low: rounded(low), high: rounded(high) }),
    ...(cv === undefined ? {} : { cv: rounded(cv) }),
    trials: result.trials.map((trial) => (trial === null ? null : rounded(trial))),
  }
}
