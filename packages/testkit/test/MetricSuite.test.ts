import { assert, describe, it } from "@effect/vitest"
import { absent, measured, type Metric } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import { Effect } from "effect"
import { checkMetric, metricSuite, trialSample } from "../src/index.ts"

describe("the suite for metrics finds nothing in", () => {
  for (const metric of METRICS)
    it.live(metric.id, () =>
      Effect.map(checkMetric(metric), (results) =>
        assert.deepStrictEqual(
          results.filter(({ outcome }) => outcome === "failed"),
          [],
        ),
      ),
    )
})

const good: Metric = {
  id: "last_chunk",
  title: "Last chunk",
  definition: "when the last chunk came",
  unit: "ms",
  better: "lower",
  tasks: ["generate"],
  measure: ({ requests }) => {
    const last = requests[0]?.chunkMs.at(-1)
    return last === undefined ? absent("no chunk came") : measured(last)
  },
}

let turn = 0
const EXAMPLE = { sample: trialSample({ loadMs: 7 }), expected: measured(140) }

metricSuite(good, [EXAMPLE])

const BROKEN: ReadonlyArray<[fault: string, Partial<Metric>, fails: string, says: RegExp]> = [
  ["its id is no id", { id: "Last chunk" }, "says what it is", /"Last chunk" must consist of lower-case/],
  ["it is for no task", { tasks: [] }, "says what it is", /has no task/],
  [
    "it is never the same",
    { measure: (sample) => (sample.loadMs === 7 ? measured(140) : measured(1 + turn++)) },
    "gives the same for the same sample, and does not change it",
    /must be pure/,
  ],
  [
    "it sorts the sample itself",
    {
      measure: (sample) => {
        const chunks = sample.requests[0]?.chunkMs as Array<number> | undefined
        return chunks?.length === 4 && chunks[0] === 110
          ? (chunks.reverse(), good.measure(trialSample()))
          : good.measure(sample)
      },
    },
    "gives the same for the same sample, and does not change it",
    /changes the sample/,
  ],
  [
    "it divides by nothing",
    { measure: ({ requests }) => measured(requests.length === 0 ? Number.NaN : 140) },
    "gives a number or a reason for every sample",
    /gives NaN: give the reason/,
  ],
  [
    "it takes missing for zero",
    { measure: (sample) => (sample.requests.length === 0 ? measured(0) : good.measure(sample)) },
    "gives no figure if nothing was measured",
    /missing is never zero/,
  ],
  [
    "it has no value for a task that it names",
    { tasks: ["generate", "embed"] },
    "has a value for each of its tasks",
    /declares task embed, but has no value/,
  ],
  [
    "it is wrong",
    { measure: (sample) => (sample.requests.length === 0 ? absent("none") : measured(139)) },
    "gives the expected values for the author's examples",
    /\{"value":139\}, expected \{"value":140\}/,
  ],
]

describe("the suite for metrics finds that", () => {
  for (const [fault, change, fails, says] of BROKEN)
    it.live(fault, () =>
      Effect.gen(function* () {
        const results = yield* checkMetric({ ...good, ...change }, [EXAMPLE])
        const failed = results.filter(({ outcome }) => outcome === "failed")
        assert.strictEqual(failed.map(({ name }) => name).join("; "), fails)
        assert.match(failed[0]?.outcome === "failed" ? failed[0].sentence : "", says)
      }),
    )
})
