import type { MetricValue } from "@rigbook/core"
import { RunRecord } from "@rigbook/core"
import { verdictOf } from "@rigbook/core"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeSpec } from "../../../testkit/src/FakeCell.ts"
import { fakeEnvironment } from "../../../testkit/src/FakeSamples.ts"

export type Figures = Readonly<
  Record<string, number | { readonly median: number; readonly low: number; readonly high: number }>
>

/** A record with these medians and intervals; all else is as it should be. */
export const ratedRecord = (
  figures: Figures,
  change: Partial<ConstructorParameters<typeof RunRecord>[0]> = {},
  model = "fake-model",
  architecture = "llama",
): RunRecord =>
  new RunRecord({
    schema: 1,
    id: "a-record",
    startedAt: "2026-01-01T00:00:00.000Z",
    finishedAt: "2026-01-01T00:01:00.000Z",
    cell: fakeSpec({
      config: { id: model, name: model, path: `models/configs/${model}.yaml` },
      model: fakeModel({ architecture }),
    }),
    environment: fakeEnvironment,
    requested: { devices: ["cpu"], settings: {} },
    observed: { peakRssBytes: { value: 1 } },
    samples: { sha256: "f".repeat(64), warmup: 3, measured: 10 },
    values: Object.entries(figures).map(([metric, figure]): MetricValue => {
      const { median, ...interval } = typeof figure === "number" ? { median: figure } : figure
      const summary = { n: 10, median, mean: median, min: median, max: median, ...interval }
      return {
        metric,
        title: metric,
        definition: "made for a test",
        unit: "ms",
        better: "lower",
        result: { summary, trials: [] },
      }
    }),
    verdict: verdictOf([]),
    ...change,
  })
