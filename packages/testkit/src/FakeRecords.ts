import { type MetricValue, reason, RunRecord, verdictOf } from "@rigbook/core"
import { summarize } from "@rigbook/records"
import { fakeSpec } from "./FakeCell.ts"
import { fakeEnvironment } from "./FakeSamples.ts"

/** A metric's value over trials; `undefined` where a trial has none. */
export const fakeValue = (metric: string, trials: ReadonlyArray<number>, unit = "ms"): MetricValue => {
  const summary = summarize(trials)
  return {
    metric,
    title: metric,
    definition: "made for a test",
    unit,
    better: "lower",
    result: summary === undefined ? { absent: "no trial has it" } : { summary, trials },
  }
}

/** A finished record of the fake backend: valid, unless `change` says otherwise. */
export const fakeRecord = (change: Partial<ConstructorParameters<typeof RunRecord>[0]> = {}): RunRecord =>
  new RunRecord({
    schema: 1,
    id: "20260101-000000-fake-model",
    startedAt: "2026-01-01T00:00:00.000Z",
    finishedAt: "2026-01-01T00:01:00.000Z",
    cell: fakeSpec(),
    environment: fakeEnvironment,
    requested: { devices: ["cpu"], settings: {} },
    observed: { peakRssBytes: { value: 2 ** 28 } },
    samples: { sha256: "f".repeat(64), warmup: 1, measured: 6 },
    values: [
      fakeValue("ttft", [101, 102, 103, 104, 105, 106]),
      fakeValue("tpot", [11, 12, 13, 14, 15, 16]),
      fakeValue("memory_mean", [], "B"),
    ],
    verdict: verdictOf([]),
    ...change,
  })

/** A record whose figures don't mean what they say. */
export const invalidRecord = (): RunRecord =>
  fakeRecord({
    id: "20260101-000100-fake-model",
    startedAt: "2026-01-01T00:01:00.000Z",
    verdict: verdictOf([reason("cache-warm", "3 of 6 requests found prompt tokens in a cache")]),
  })

/** Texts that are special in a browser, in markdown and in a spreadsheet. */
export const HOSTILE = {
  html: '<script>alert("rigbook")</script>',
  formula: '=HYPERLINK("http://x.invalid","open")',
  newline: "first line\nsecond line",
} as const

/** A record whose names try to be more than text. */
export const hostileRecord = (kind: keyof typeof HOSTILE): RunRecord => {
  const name = HOSTILE[kind]
  return fakeRecord({ cell: fakeSpec({ config: { id: "hostile", name, path: "models/configs/hostile.yaml" } }) })
}
