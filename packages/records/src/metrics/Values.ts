import { absent, type Measured, type Metric, type MetricValue, type Sample, type TrialTelemetry } from "@rigbook/core"
import { summarize } from "../statistics/Summary.ts"

/** A metric may come from anywhere: NaN and infinities are not figures, and one that throws affects only itself. */
const figureOf = (measure: Metric["measure"], sample: Sample, telemetry: TrialTelemetry | undefined): Measured => {
  try {
    const result = measure(sample, telemetry)
    return "value" in result && !Number.isFinite(result.value) ? absent(`the metric gave ${result.value}`) : result
  } catch (cause) {
    return absent(`the metric threw: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

/** Each metric's value over the measured trials. Pure, so old samples give the same figures again. */
export const valuesOf = (
  samples: ReadonlyArray<Sample>,
  metrics: ReadonlyArray<Metric>,
  telemetryOf: (sample: Sample) => TrialTelemetry | undefined = () => undefined,
): ReadonlyArray<MetricValue> => {
  const measuredTrials = samples.filter(({ phase }) => phase === "measured")
  const openings = [...Map.groupBy(samples, ({ opening }) => opening).values()].map(([first]) => first!)
  return metrics.map(({ better, definition, id: metric, measure, per, title, unit }) => {
    const trials = (per === "opening" ? openings : measuredTrials).map((sample) =>
      figureOf(measure, sample, telemetryOf(sample)),
    )
    const summary = summarize(trials.filter((trial) => "value" in trial).map(({ value }) => value))
    const reasons = trials.filter((trial) => "absent" in trial).map((trial) => trial.absent)
    return {
      metric,
      title,
      definition,
      unit,
      better,
      result:
        summary === undefined
          ? { absent: reasons[0] ?? "no trial was measured" }
          : { summary, trials: trials.map((trial) => ("value" in trial ? trial.value : null)) },
    }
  })
}
