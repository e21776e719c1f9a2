import type { Metric, Task, View } from "@rigbook/core"
import { METRICS } from "./Metrics.ts"

/** What a view's rows are: runs of a task, or runs under a load. */
export type Shelf = Task | "load"

/** A metric's id, and its column's heading if that is not its label or title, with its unit. */
type Listed = string | readonly [id: string, head: string]

const GENERATING = ["ttft", "decode_tps_user", "prefill_tps"]
const EMBEDDING = [
  ["docs_per_s", "docs/s"],
  ["embed_tokens_per_s", "tokens/s"],
  ["ms_per_doc", "ms per doc"],
] as const
const LIVE = [...GENERATING, "output_tps", "tpot", "goodput", "memory_peak"]

/**
 * Rigbook's columns. Their order belongs to a view, not to a metric, and REGISTRY.md uses it: so it is here, and
 * metrics that request a view themselves come after it.
 */
export const VIEWS: Readonly<Record<View, Readonly<Partial<Record<Shelf, ReadonlyArray<Listed>>>>>> = {
  line: {
    generate: [
      "kld_mean",
      "same_top",
      "perplexity",
      "accuracy",
      "answered",
      ...GENERATING,
      "ttft_later_turns",
      "cached_share_later_turns",
      "acceptance_rate",
      "memory_peak",
    ],
    embed: ["ndcg_10", "recall_10", "sts_spearman", ["docs_per_s", ""], ["embed_tokens_per_s", ""], "memory_peak"],
    load: ["ttft", ["tpot", "per token"], "output_tps", "goodput", "memory_peak"],
  },
  live: {
    generate: LIVE,
    embed: ["docs_per_s", "embed_tokens_per_s", "batch_latency", "memory_peak"],
    load: LIVE,
  },
  runs: {
    generate: [...GENERATING, "memory_peak"],
    embed: [...EMBEDDING, "memory_peak"],
  },
  engines: {
    generate: ["ttft", "tpot", "decode_tps_user", "output_tps", "memory_peak"],
    embed: [...EMBEDDING, "memory_peak"],
  },
  sizes: {
    generate: ["decode_tps_user", "ttft", "prefill_tps", "memory_peak"],
    embed: [["docs_per_s", "docs/s"], ["ms_per_doc", "ms per doc"], "memory_peak"],
    load: ["output_tps", ["req_per_s", "requests/s"], "ttft_p95", "tpot_p95", "memory_peak"],
  },
  loads: {
    load: [["output_tps", "output tokens/s"], "ttft", ["tpot", "per token (ms)"]],
  },
  ladders: {
    generate: ["decode_tps_user", "ttft", "prefill_tps", "memory_peak"],
    embed: ["docs_per_s", "embed_tokens_per_s", "batch_latency", "memory_peak"],
    load: ["output_tps", "ttft", "tpot", "goodput", "memory_peak"],
  },
}

/** A figure in a view. */
export interface ViewColumn {
  readonly metric: Metric
  /** With the unit, except in a `line`, where the figure has it. */
  readonly head: string
  /** Whether it is Rigbook's own column, shown even if no run has the figure. */
  readonly listed: boolean
}

/** Of a view: Rigbook's columns, then those of the other `metrics` that request it. Pure. */
export const columnsOf = (
  view: View,
  shelf: Shelf,
  metrics: ReadonlyArray<Metric> = METRICS,
): ReadonlyArray<ViewColumn> => {
  const listed = (VIEWS[view][shelf] ?? []).map((one) => (typeof one === "string" ? ([one] as const) : one))
  const own = listed.flatMap(([id, head]): ReadonlyArray<ViewColumn> => {
    const metric = METRICS.find((known) => known.id === id)
    return metric === undefined ? [] : [{ metric, head: head ?? headOf(metric, view), listed: true }]
  })
  const task = shelf === "load" ? "generate" : shelf
  const asking = metrics.filter(
    ({ id, tasks, under = "load", views = [] }) =>
      views.includes(view) &&
      tasks.includes(task) &&
      (shelf !== "load" || under === "load") &&
      !listed.some(([of]) => of === id),
  )
  return [...own, ...asking.map((metric) => ({ metric, head: headOf(metric, view), listed: false }))]
}

const headOf = ({ label, title, unit }: Metric, view: View): string => {
  const name = label ?? title
  return view === "line" || unit === "B" || unit === "score" ? name : `${name} (${unit})`
}
