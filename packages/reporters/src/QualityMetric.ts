import type { Metric } from "@rigbook/core"

/** By what a metric is only for: whether it says how good answers are, not how fast. */
const OF_QUALITY: Readonly<Record<NonNullable<Metric["under"]>, boolean>> = {
  load: false,
  "multi-turn": false,
  speculation: false,
  retrieval: true,
  sts: true,
  kld: true,
  tasks: true,
}

/** Whether a metric is a figure of quality. Pure. */
export const isQualityMetric = ({ under }: Pick<Metric, "under">): boolean => under !== undefined && OF_QUALITY[under]
