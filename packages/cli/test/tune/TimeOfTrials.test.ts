import { assert, describe, it } from "vitest"
import { fakeSpec, scenario } from "../../../testkit/src/FakeCell.ts"
import { fakeRecord } from "../../../testkit/src/FakeRecords.ts"
import { secondsOf } from "../../src/tune/TimeOfTrials.ts"

describe("the time of a trial", () => {
  it("is that of trials, not of losses, which a search measures once", () => {
    const kld = scenario({ kind: "quality", measure: "kld", prompts: "p", reference: { path: "f16.gguf" } })
    const loss = fakeRecord({ cell: fakeSpec({ scenario: kld }), finishedAt: "2026-01-01T01:00:00.000Z" })
    assert.isUndefined(secondsOf([loss]))
    assert.strictEqual(secondsOf([loss, fakeRecord()]), 10, "a minute for six trials")
  })
})
