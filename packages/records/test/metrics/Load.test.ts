import { assert, describe, it } from "@effect/vitest"
import { absent, measured } from "@rigbook/core"
import { requestSample, trialSample } from "../../../testkit/src/FakeSamples.ts"
import { e2e, ttfo, ttft } from "../../src/metrics/Generation.ts"
import { goodput, goodShare, reqPerS, sendLag, totalTps } from "../../src/metrics/Load.ts"
import { METRICS, metricsFor } from "../../src/metrics/Metrics.ts"
import { PERCENTILES } from "../../src/metrics/Percentiles.ts"

const failed = requestSample({ outcome: "error", failure: "reset", chunkMs: [], endMs: 99_999 })
/** Sent at 10, 20 and 30 ms, all ended by 1010 ms; TTFT 100, 100 and 900 ms. */
const three = [
  requestSample(),
  requestSample({ sentMs: 20, chunkMs: [120, 130, 140, 150], endMs: 160 }),
  requestSample({ sentMs: 30, chunkMs: [930, 940, 950, 960], endMs: 1010 }),
]

describe("metrics of a load", () => {
  it("divide what succeeded by the time from the first start to the last end", () => {
    const sample = trialSample({ requests: [...three, failed] })
    assert.deepStrictEqual(reqPerS.measure(sample), measured(3))
    assert.deepStrictEqual(totalTps.measure(sample), measured(312))
    assert.property(totalTps.measure(trialSample({ requests: [failed] })), "absent")
  })

  it("count requests that met every objective", () => {
    const good = (slo: NonNullable<ReturnType<typeof trialSample>["slo"]>) => {
      const sample = trialSample({ requests: [...three, failed], slo })
      return [goodput.measure(sample), goodShare.measure(sample)]
    }
    assert.deepStrictEqual(good({ ttft: 100 }), [measured(2), measured(50)])
    assert.deepStrictEqual(good({ ttft: 99.9 }), [measured(0), measured(0)])
    assert.deepStrictEqual(good({ ttft: 1000, tpot: 10, e2e: 930 }), [measured(3), measured(75)])
    assert.deepStrictEqual(good({ ttft: 1000, tpot: 9 }), [measured(0), measured(0)])
    const none = trialSample({ requests: three })
    assert.deepStrictEqual(goodput.measure(none), absent("the scenario has no objectives (slo)"))
    const one = requestSample({ chunkMs: [110], outputTokens: 1 })
    assert.deepStrictEqual(
      goodShare.measure(trialSample({ requests: [one], slo: { tpot: 1 } })),
      measured(100),
      "one token has no time per token",
    )
  })

  it("count latency from when a request was due, and tell how late it was sent", () => {
    const late = trialSample({ requests: [requestSample({ scheduledMs: 4 }), requestSample({ scheduledMs: 9.5 })] })
    assert.deepStrictEqual(sendLag.measure(late), measured(6))
    const one = trialSample({ requests: [requestSample({ scheduledMs: 4 })] })
    assert.deepStrictEqual([ttft.measure(one), e2e.measure(one)], [measured(106), measured(136)])
    assert.property(sendLag.measure(trialSample()), "absent")
  })

  it("tell the first token of the answer from the first of all", () => {
    const thinking = trialSample({ requests: [requestSample({ reasoningChunks: 2 })] })
    assert.deepStrictEqual([ttft.measure(thinking), ttfo.measure(thinking)], [measured(100), measured(120)])
    assert.property(ttfo.measure(trialSample({ requests: [requestSample({ reasoningChunks: 4 })] })), "absent")
  })

  it("give a percentile only where there are values enough", () => {
    const of = (id: string, requests: number) =>
      PERCENTILES.find((metric) => metric.id === id)!.measure(
        trialSample({
          requests: Array.from({ length: requests }, (_, index) => requestSample({ sentMs: 110 - index })),
        }),
      )
    assert.deepStrictEqual(of("ttft_p95", 58), absent("the 95th percentile needs 59 values, there are 58"))
    assert.deepStrictEqual(of("ttft_p95", 101), measured(95))
    assert.property(of("ttft_p99", 298), "absent")
    assert.deepStrictEqual(of("ttft_p99", 301), measured(297))
    assert.deepStrictEqual(of("icl_p99", 100), measured(10), "of all gaps, three a request")
    assert.property(of("tpot_p95", 0), "absent")
  })

  it("are for loads alone", () => {
    const ids = (loaded: boolean) => metricsFor("generate", METRICS, loaded).map(({ id }) => id)
    assert.notInclude(ids(false), "goodput")
    assert.notInclude(ids(false), "ttft_p99")
    assert.includeMembers(ids(true), ["goodput", "ttft_p99", "ttft", "output_tps"])
  })
})
