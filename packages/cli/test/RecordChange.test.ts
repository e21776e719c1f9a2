import { assert, describe, it } from "@effect/vitest"
import { changeLines } from "../src/output/RecordChange.ts"

describe("changeLines", () => {
  it("says what is new, gone and other", () => {
    const reason = { code: "noisy", level: "suspect", detail: "d", advice: "a" } as const
    const lines = changeLines({
      figures: [
        { metric: "new", unit: "ms", after: { value: 12.345 } },
        { metric: "none", unit: "ms", after: { absent: "no chunks" } },
        { metric: "gone", unit: "s", before: { value: 1 } },
        { metric: "other", unit: "ms", before: { value: 1 }, after: { value: 2 } },
        { metric: "same", unit: "ms", before: { value: 1 }, after: { value: 1 } },
      ],
      verdict: { before: { status: "valid", reasons: [] }, after: { status: "suspect", reasons: [reason] } },
      parts: ["observed", "estimates"],
    })
    assert.deepStrictEqual(
      // oxlint-disable-next-line no-control-regex -- colours.
      lines.map((line) => line.replace(/\u001b\[[\d;]+m/g, "")),
      [
        "  + new 12.3 ms",
        "  + none missing (no chunks)",
        "  - gone 1 s",
        "  ~ other 1 ms → 2 ms",
        "  ~ same 1 ms, as before: its trials, interval or definition changed",
        "  ~ verdict valid → suspect (noisy)",
        "  ~ observed, estimates",
      ],
    )
  })
})
