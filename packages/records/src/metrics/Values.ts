import {
  absent,
  type Measured,
  type Metric,
  type MetricValue,
  type Sample,
  type Summary,
  type TrialTelemetry,
} from "@rigbook/core"
import { bootstrap } from "../statistics/Bootstrap.ts"
import { summarize } from "../statistics/Summary.ts"
import { isShort } from "./TokenAccount.ts"

const SHORT = absent("answers ended before the requested number of tokens")

/** A metric may come from anywhere: NaN and infinities are not figures, and one that throws affects only itself. */
const figureOf = (measure: Metric["measure"], sample: Sample, telemetry: TrialTelemetry | undefined): Measured => {
  try {
    const result = measure(sample, telemetry)
    return "value" in result && !Number.isFinite(result.value) ? absent(`the metric gave ${result.value}`) : result
  } catch (cause) {
    return absent(`the metric threw: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

/**
 * Each metric's value over the measured trials. Pure, so old samples give the same figures again. `withholds`:
 * whether figures that depend on the length of answers are absent where answers ended early.
 */
export const valuesOf = (
  samples: ReadonlyArray<Sample>,
  metrics: ReadonlyArray<Metric>,
  telemetryOf: (sample: Sample) => TrialTelemetry | undefined = () => undefined,
  withholds = true,
): ReadonlyArray<MetricValue> => {
  const measuredTrials = samples.filter(({ phase }) => phase === "measured")
  const openings = [...Map.groupBy(samples, ({ opening }) => opening).values()].map(([first]) => first!)
  return metrics.map(({ better, definition, id: metric, measure, ofLength, options, per, title, unit, units }) => {
    const trials = (per === "opening" ? openings : measuredTrials).map((sample) =>
      withholds && ofLength === true && sample.requests.some(isShort)
        ? SHORT
        : figureOf(measure, sample, telemetryOf(sample)),
    )
    const summary = summarize(trials.filter((trial) => "value" in trial).map(({ value }) => value))
    const reasons = trials.filter((trial) => "absent" in trial).map((trial) => trial.absent)
    return {
      metric,
      title,
      definition,
      unit,
      better,
      ...(options === undefined ? {} : { options }),
      result:
        summary === undefined
          ? { absent: reasons[0] ?? "no trial was measured" }
          : {
              summary: { ...summary, ...drawnAgain(units, measuredTrials[0]?.scored) },
              trials: trials.map((trial) => ("value" in trial ? trial.value : null)),
            },
    }
  })
}

/** Of quality: the interval over its queries or pairs, which are the same in every trial. */
const drawnAgain = (units: Metric["units"], scored: Sample["scored"]): Partial<Summary> => {
  const of = scored && units?.(scored)
  return of === undefined ? {} : { ...bootstrap(of), units: of.count }
}
