import { assert, describe, it } from "@effect/vitest"
import { type Scored, absent, measured } from "@rigbook/core"
import { scenario } from "../../../testkit/src/FakeCell.ts"
import { embedSample, qualitySample } from "../../../testkit/src/FakeSamples.ts"
import { accuracy, answered } from "../../src/metrics/Accuracy.ts"
import { METRICS, metricsFor } from "../../src/metrics/Metrics.ts"
import { valuesOf } from "../../src/metrics/Values.ts"

const replied = (...replies: ReadonlyArray<string>): Scored => ({
  measure: "tasks",
  questions: replies.map((reply) => ({ answer: "B", choices: 4, reply })),
})

describe("accuracy", () => {
  it("is the share of right replies, and one without an answer is as wrong as another", () => {
    const sample = qualitySample("tasks", { scored: replied("B", "C", "the Nile", "B.") })
    assert.deepStrictEqual(accuracy.measure(sample), measured(0.5))
    assert.deepStrictEqual(answered.measure(sample), measured(0.75))
  })

  it("is absent without a reply for each question", () => {
    assert.deepStrictEqual(accuracy.measure(embedSample()), absent("there is not one reply for each question"))
  })

  it("has an interval over questions: that of a share", () => {
    const [value] = valuesOf([qualitySample("tasks"), qualitySample("tasks", { trial: 1 })], [accuracy])
    if (value === undefined || "absent" in value.result) throw new Error("no value")
    const { high, low, median, n, units } = value.result.summary
    assert.deepStrictEqual([median, n, units], [0.75, 2, 120])
    const error = Math.sqrt((0.75 * 0.25) / 120)
    assert.closeTo(low!, median - 1.96 * error, 0.01)
    assert.closeTo(high!, median + 1.96 * error, 0.01)
  })

  it("belongs to its scenarios alone, and no figure of time stands beside it", () => {
    const ids = (of: object) => metricsFor("generate", METRICS, scenario(of)).map(({ id }) => id)
    assert.deepStrictEqual(ids({ kind: "quality", measure: "tasks", dataset: "d" }), [
      "accuracy",
      "answered",
      "load_s",
      "memory_peak",
    ])
    assert.notInclude(ids({ kind: "latency", prompts: "p" }), "accuracy")
  })
})
