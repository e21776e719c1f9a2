import { assert, describe, it } from "@effect/vitest"
import type { RequestSample } from "@rigbook/core"
import { requestSample, trialSample } from "../../../testkit/src/FakeSamples.ts"
import { METRICS } from "../../src/metrics/Metrics.ts"
import { valuesOf } from "../../src/metrics/Values.ts"
import { judge } from "../../src/verdict/Judge.ts"
import { evidence } from "../verdict/evidence.ts"

/** Ids of the figures that a trial with this request has, and codes of what is said of five such trials. */
const madeOf = (change: Partial<RequestSample>) => {
  const requests = [requestSample(change)]
  const values = valuesOf([trialSample({ requests })], METRICS)
  const samples = [0, 1, 2, 3, 4].map((trial) => trialSample({ trial, requests }))
  return {
    figures: values.filter(({ result }) => "summary" in result).map(({ metric }) => metric),
    why: (id: string) =>
      values.flatMap(({ metric, result }) => (metric === id && "absent" in result ? [result.absent] : [])),
    verdict: judge(evidence({ samples })),
  }
}

/** Without what the engine counts. */
const uncounted = { outputTokens: undefined } as unknown as Partial<RequestSample>
/** The length is the model's. */
const natural = { requestedTokens: undefined, atMostTokens: 40, finish: "stop" } as unknown as Partial<RequestSample>

const PER_TOKEN = ["ttft", "tpot", "decode_tps_user", "prefill_tps"]
const OF_LENGTH = ["e2e", "output_tps", "total_tps", "req_per_s"]

describe("answers that end before the requested number of tokens", () => {
  it("keep the figures of each token, and are without those that depend on the length", () => {
    const { figures, verdict, why } = madeOf({ requestedTokens: 40 })
    assert.includeMembers(figures, PER_TOKEN)
    for (const id of OF_LENGTH) assert.deepStrictEqual(why(id), ["answers ended before the requested number of tokens"])
    assert.strictEqual(verdict.status, "suspect")
    assert.include(
      verdict.reasons.map(({ code }) => code),
      "short-output",
    )
  })

  it("are found by the server's word where it counts nothing", () => {
    const short = madeOf({ ...uncounted, requestedTokens: 40, finish: "stop" })
    assert.includeMembers(short.figures, ["ttft"])
    assert.notIncludeMembers(short.figures, ["e2e"])
    // Chunks may bundle tokens: an answer that was ended by its length was as long as requested.
    assert.includeMembers(madeOf({ ...uncounted, requestedTokens: 40, finish: "length" }).figures, ["e2e"])
  })

  it("are none where the length is natural: each figure is of what came", () => {
    const { figures, verdict } = madeOf(natural)
    assert.includeMembers(figures, [...PER_TOKEN, ...OF_LENGTH])
    assert.strictEqual(verdict.status, "valid", JSON.stringify(verdict))
    const codes = madeOf({ ...natural, atMostTokens: 3 }).verdict.reasons.map(({ code }) => code)
    assert.deepStrictEqual(codes, ["long-output"])
  })
})
