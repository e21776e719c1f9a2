import { assert, describe, it } from "@effect/vitest"
import type { Metric, View } from "@rigbook/core"
import { ttft } from "../../src/metrics/Generation.ts"
import { METRICS } from "../../src/metrics/Metrics.ts"
import { metricOf, withRole } from "../../src/metrics/Roles.ts"
import { columnsOf, type Shelf, VIEWS } from "../../src/metrics/Views.ts"

const idsOf = (metrics: ReadonlyArray<{ readonly id: string }>) => metrics.map(({ id }) => id)
const headsOf = (view: View, shelf: Shelf) => columnsOf(view, shelf).map(({ head }) => head)

describe("columnsOf", () => {
  it("has each listed metric, for it is one of Rigbook's, and of its shelf's task", () => {
    for (const [view, shelves] of Object.entries(VIEWS) as ReadonlyArray<[View, (typeof VIEWS)[View]]>)
      for (const [shelf, listed] of Object.entries(shelves) as ReadonlyArray<[Shelf, ReadonlyArray<unknown>]>) {
        const own = columnsOf(view, shelf).filter((column) => column.listed)
        assert.lengthOf(own, listed.length, `${view}, ${shelf}`)
        for (const { metric } of own)
          assert.include(metric.tasks, shelf === "load" ? "generate" : shelf, `${metric.id} in ${view}, ${shelf}`)
      }
  })

  it("heads a column with its label and unit, or with what the view says", () => {
    assert.deepStrictEqual(headsOf("runs", "generate"), [
      "TTFT (ms)",
      "decode (tokens/s)",
      "prefill (tokens/s)",
      "peak memory",
      // Left out where no run has the figure.
      "KL divergence (nats)",
      "KL divergence, p99 (nats)",
      "Same top token (%)",
      "Change of probability (%)",
      "Perplexity",
      "Perplexity of the reference",
      "Accuracy",
      "Replies with an answer",
    ])
    assert.deepStrictEqual(headsOf("line", "load"), ["TTFT", "per token", "output", "goodput", "peak memory"])
    assert.deepStrictEqual(headsOf("loads", "load"), [
      "output tokens/s",
      "TTFT (ms)",
      "per token (ms)",
      "good requests (%)",
    ])
  })

  it("shows a stranger's metric where it asks, after Rigbook's, and nowhere else", () => {
    const { label: _, ...rest } = ttft
    const odd: Metric = { ...rest, id: "odd", title: "Odd", views: ["runs"] }
    const ids = (view: View, shelf: Shelf) =>
      columnsOf(view, shelf, [...METRICS, odd]).map(({ head, listed, metric }) => [metric.id, head, listed])
    assert.deepStrictEqual(ids("runs", "generate").at(-1), ["odd", "Odd (ms)", false])
    assert.deepStrictEqual(ids("runs", "generate").length, columnsOf("runs", "generate").length + 1)
    assert.notDeepInclude(ids("runs", "embed"), ["odd", "Odd (ms)", false])
    assert.deepStrictEqual(ids("engines", "generate").length, columnsOf("engines", "generate").length)
  })

  it("shows a metric once that requests a view in which it is listed", () => {
    const asks = METRICS.map((metric) => (metric.id === "ttft" ? { ...metric, views: ["runs"] as const } : metric))
    assert.deepStrictEqual(columnsOf("runs", "generate", asks), columnsOf("runs", "generate"))
  })
})

describe("roles", () => {
  it("that one metric of each task has, have one", () => {
    for (const role of ["speed", "throughput", "wait", "memory"] as const)
      for (const task of ["generate", "embed"] as const)
        assert.deepStrictEqual(
          withRole(role).filter(({ tasks }) => tasks.includes(task)),
          [metricOf(role, task)],
          `${role}, ${task}`,
        )
  })

  it("are those of records that were judged", () => {
    assert.deepStrictEqual(idsOf(withRole("headline")), ["ttft", "tpot", "docs_per_s"])
    assert.deepStrictEqual(idsOf(withRole("wait")), ["ttft", "batch_latency"])
  })

  it("leave out of comparisons what follows another metric", () =>
    assert.deepStrictEqual(idsOf(METRICS.filter(({ roles = [] }) => !roles.includes("compared"))), [
      "icl",
      "decode_tps_user",
      "decode_tps_engine",
      "prefill_tps_engine",
      "cached_share",
      "cached_share_later_turns",
      "ms_per_doc",
      "docs_per_s_engine",
      "recall_10",
      "kld_p99",
      "same_top",
      "delta_p",
      "perplexity",
      "reference_perplexity",
      "answered",
      "load_s",
      "memory_mean",
    ]))
})
