import type { Measured, Metric, Sample, Task, TrialTelemetry } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import { Effect, Layer } from "effect"
import { isDeepStrictEqual } from "node:util"
import { type Case, type CaseResult, must, notRun, runCases } from "./Conformance.ts"
import {
  embedSample,
  generateSample,
  loadSample,
  multiTurnSample,
  oddSamples,
  qualitySample,
  speculationSample,
} from "./FakeSamples.ts"
import { fakeTelemetry } from "./FakeTelemetry.ts"
import { registerSuite } from "./Suite.ts"

/** A sample, and the author's expected value of the metric. */
export interface MetricExample {
  readonly sample: Sample
  readonly telemetry?: TrialTelemetry
  /** In the metric's unit. */
  readonly expected: Measured
}

/** The trial for a metric: one of a load, of a conversation or with drafts if it is only for these, scored vectors if it is for quality. */
const wholeOf = ({ under }: Metric, task: Task): Sample => {
  switch (under) {
    case undefined:
      return task === "generate" ? generateSample() : embedSample()
    case "load":
      return loadSample()
    case "multi-turn":
      return multiTurnSample()
    case "speculation":
      return speculationSample()
    default:
      return qualitySample(under)
  }
}

const TELEMETRY = fakeTelemetry()

const metricCases = (metric: Metric, examples: ReadonlyArray<MetricExample>): ReadonlyArray<Case> => {
  const all = [
    ...Object.entries(oddSamples).map(([name, sample]) => ({ name, sample, telemetry: undefined })),
    ...metric.tasks.map((task) => ({
      name: `a complete trial to ${task}`,
      sample: wholeOf(metric, task),
      telemetry: TELEMETRY,
    })),
  ]

  const isReported = Effect.gen(function* () {
    yield* must(
      /^[a-z][a-z0-9_]*$/.test(metric.id),
      `The id "${metric.id}" must consist of lower-case letters, digits and _.`,
    )
    yield* must(metric.title !== "", "The title is empty: it is the heading of a column.")
    yield* must(metric.definition !== "", "The definition is empty: say how the figure is computed.")
    const taken = metric.roles?.find((role) => role !== "compared")
    yield* must(
      taken === undefined || METRICS.includes(metric),
      `The role "${taken}" is reserved for Rigbook: a plugin's metric can be "compared".`,
    )
    yield* must(metric.tasks.length > 0, "The metric has no task: it would never be measured.")
  })

  const isPure = Effect.forEach(all, ({ name, sample, telemetry }) => {
    const given = structuredClone(sample)
    const [first, second] = [metric.measure(given, telemetry), metric.measure(given, telemetry)]
    return Effect.andThen(
      must(
        isDeepStrictEqual(sample, given),
        `The metric changes the sample that it gets (${name}): copy before you sort.`,
      ),
      must(
        isDeepStrictEqual(first, second),
        `For ${name} the metric gives ${show(first)} at first and then ${show(second)}: it must be pure.`,
      ),
    )
  })

  const isFinite = Effect.forEach(all, ({ name, sample, telemetry }) => {
    const found = metric.measure(structuredClone(sample), telemetry)
    return "value" in found
      ? must(
          Number.isFinite(found.value),
          `For ${name} the metric gives ${found.value}: give the reason why there is no figure instead.`,
        )
      : must(found.absent !== "", `For ${name} the metric is absent without a reason.`)
  })

  const missingIsNotZero = Effect.suspend(() => {
    const found = metric.measure(oddSamples["a trial without requests or memory readings"])
    return must(
      !("value" in found && found.value === 0),
      "For a trial in which nothing was measured the metric gives 0: missing is never zero, so give absent(…) with the reason.",
    )
  })

  const hasValues = Effect.forEach(metric.tasks, (task) => {
    const found = metric.measure(wholeOf(metric, task), TELEMETRY)
    return must(
      "value" in found,
      `The metric declares task ${task}, but has no value for a complete trial of it: ${"absent" in found ? found.absent : ""}.`,
    )
  })

  const isAsExpected = Effect.gen(function* () {
    if (examples.length === 0) return yield* notRun("give examples: samples, and the metric's values for them")
    for (const [index, { expected, sample, telemetry }] of examples.entries()) {
      const found = metric.measure(structuredClone(sample), telemetry)
      yield* must(
        isDeepStrictEqual(found, expected),
        `For example ${index} the metric gives ${show(found)}, expected ${show(expected)}.`,
      )
    }
  })

  return [
    { name: "says what it is", check: isReported },
    { name: "gives the same for the same sample, and does not change it", check: Effect.asVoid(isPure) },
    { name: "gives a number or a reason for every sample", check: Effect.asVoid(isFinite) },
    { name: "gives no figure if nothing was measured", check: missingIsNotZero },
    { name: "has a value for each of its tasks", check: Effect.asVoid(hasValues) },
    { name: "gives the expected values for the author's examples", check: isAsExpected },
  ]
}

const show = (value: Measured): string => JSON.stringify(value)

/** Registers the conformance suite of a metric with vitest: call it at the top of a test file. */
export const metricSuite = (metric: Metric, examples: ReadonlyArray<MetricExample> = []): void =>
  registerSuite(`metric ${metric.id}`, metricCases(metric, examples), Layer.empty)

/** The same cases without vitest: their results, in order. */
export const checkMetric = (
  metric: Metric,
  examples: ReadonlyArray<MetricExample> = [],
): Effect.Effect<ReadonlyArray<CaseResult>> => runCases(metricCases(metric, examples))
