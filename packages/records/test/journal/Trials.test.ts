import { assert, describe, it } from "@effect/vitest"
import type { Sample } from "@rigbook/core"
import { Schema } from "effect"
import { fakeSpec, protocol, scenario } from "../../../testkit/src/FakeCell.ts"
import { fakeEnvironment, trialSample } from "../../../testkit/src/FakeSamples.ts"
import type { Journal } from "../../src/journal/Journal.ts"
import { isWhole, misplacedTrials } from "../../src/journal/Trials.ts"

type Made = readonly [phase: Sample["phase"], trial: number, opening?: number, failed?: boolean]

const sampleOf = ([phase, trial, opening = 0, failed = false]: Made): Sample => {
  const sample = trialSample()
  const requests = sample.requests.map((request) => ({
    ...request,
    ...(failed ? { outcome: "error" as const, failure: "engine" as const, error: "It ended." } : {}),
  }))
  return { ...sample, phase, trial, opening, requests }
}

const journalOf = (made: ReadonlyArray<Made>, finished = true, trials = 3): Journal => ({
  header: {
    kind: "cell",
    schema: 1,
    id: "one",
    startedAt: "2026-01-01T00:00:00.000Z",
    cell: fakeSpec({ protocol: protocol({ warmup: 1, trials }) }),
    environment: fakeEnvironment,
    requested: { devices: ["cpu"], settings: {} },
  },
  environments: [fakeEnvironment],
  effective: undefined,
  openings: 1,
  identities: [],
  answers: undefined,
  samples: made.map((one) => sampleOf(one)),
  failure: undefined,
  finishedAt: finished ? "2026-01-01T01:00:00.000Z" : undefined,
})

const measured = (...trials: ReadonlyArray<number>): ReadonlyArray<Made> => trials.map((trial) => ["measured", trial])

describe("misplacedTrials", () => {
  it.each<readonly [string, ReadonlyArray<Made>]>([
    ["once each", [["warmup", 0], ...measured(0, 1, 2)]],
    [
      "a warm-up in each opening",
      [
        ["warmup", 0],
        ["measured", 0],
        ["warmup", 0, 1],
        ["measured", 1, 1],
        ["measured", 2, 1],
      ],
    ],
    [
      "a trial tried again that had failed",
      [
        ["measured", 0],
        ["measured", 1, 0, true],
        ["measured", 1, 1],
        ["measured", 2, 1],
      ],
    ],
  ])("finds nothing in %s", (_, made) => assert.deepStrictEqual(misplacedTrials(journalOf(made)), []))

  it("names the sample of a trial that is there twice, that is missing or out of order", () => {
    const where = (made: ReadonlyArray<Made>) => misplacedTrials(journalOf(made)).map(({ sample }) => sample)
    assert.deepStrictEqual(where(measured(0, 0, 1, 2)), [1])
    assert.deepStrictEqual(where(measured(0, 2, 3)), [1])
    assert.deepStrictEqual(where(measured(1, 2)), [0])
    assert.deepStrictEqual(where(measured(0, 2, 1)), [1, 2])
    assert.deepStrictEqual(where([["warmup", 0], ["warmup", 0], ...measured(0, 1, 2)]), [1])
    assert.deepStrictEqual(where([["warmup", 1], ...measured(0, 1, 2)]), [0])
  })

  it("misses trials at the end of what is finished, and not of what was cut", () => {
    const two = measured(0, 1)
    assert.deepStrictEqual(misplacedTrials(journalOf(two, false)), [])
    assert.deepStrictEqual(misplacedTrials(journalOf(two)), [
      { detail: "it ends after 2 measured trials, 3 were requested" },
    ])
  })

  it.prop(
    "finds each sample that is doubled, and each but the last that is lost",
    {
      count: Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 12 })),
      at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 999 })),
    },
    ({ at, count }) => {
      const all = Array.from({ length: count }, (_, trial) => trial)
      const doubled = at % count
      const lost = at % (count - 1)
      const cut = (trials: ReadonlyArray<number>) => misplacedTrials(journalOf(measured(...trials), false))
      assert.deepStrictEqual(cut(all), [])
      assert.deepStrictEqual(
        cut(all.toSpliced(doubled, 0, doubled)).map(({ sample }) => sample),
        [doubled + 1],
      )
      assert.deepStrictEqual(
        cut(all.toSpliced(lost, 1)).map(({ sample }) => sample),
        [lost],
      )
    },
  )
})

describe("isWhole", () => {
  it("lets a load count requests that failed, but not the engine's own end", () => {
    const failed = sampleOf(["measured", 0, 0, true])
    const refused = { ...failed, requests: failed.requests.map((one) => ({ ...one, failure: "refused" as const })) }
    const latency = fakeSpec()
    const load = fakeSpec({ scenario: scenario({ kind: "concurrency", prompts: "fake-prompts", streams: 2 }) })
    assert.deepStrictEqual(
      [
        isWhole(refused, latency),
        isWhole(refused, load),
        isWhole(failed, load),
        isWhole(sampleOf(["warmup", 0]), load),
      ],
      [false, true, false, false],
    )
  })
})
