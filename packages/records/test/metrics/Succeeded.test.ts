import { assert, describe, it } from "@effect/vitest"
import { requestSample, trialSample } from "../../../testkit/src/FakeSamples.ts"
import { succeeded } from "../../src/metrics/Succeeded.ts"

describe("succeeded", () => {
  it("leaves out what failed or took too long, and keeps the order", () => {
    const [first, second] = [requestSample({ prompt: 1 }), requestSample({ prompt: 0 })]
    const requests = [first, requestSample({ outcome: "error" }), second, requestSample({ outcome: "timeout" })]
    assert.deepStrictEqual(succeeded(trialSample({ requests })), [first, second])
  })
})
