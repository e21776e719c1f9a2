import type { Measured, Metric, Sample, Task, TrialTelemetry } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import { Effect, Layer } from "effect"
import { isDeepStrictEqual } from "node:util"
import { type Case, type CaseResult, must, notRun, runCases } from "./Conformance.ts"
import { embedSample, generateSample, loadSample, oddSamples, qualitySample } from "./FakeSamples.ts"
import { fakeTelemetry } from "./FakeTelemetry.ts"
import { registerSuite } from "./Suite.ts"

/** A sample, and what the author says that the metric makes of it. */
export interface MetricExample {
  readonly sample: Sample
  readonly telemetry?: TrialTelemetry
  /** In the metric's unit. */
  readonly expected: Measured
}

/** What a metric is measured of: a load where it is of loads alone, and vectors that were scored where it is of quality. */
const wholeOf = ({ under }: Metric, task: Task): Sample =>
  under === "load"
    ? loadSample()
    : under !== undefined
      ? qualitySample(under)
      : task === "generate"
        ? generateSample()
        : embedSample()

const TELEMETRY = fakeTelemetry()

const metricCases = (metric: Metric, examples: ReadonlyArray<MetricExample>): ReadonlyArray<Case> => {
  const all = [
    ...Object.entries(oddSamples).map(([name, sample]) => ({ name, sample, telemetry: undefined })),
    ...metric.tasks.map((task) => ({
      name: `a whole trial to ${task}`,
      sample: wholeOf(metric, task),
      telemetry: TELEMETRY,
    })),
  ]

  const isTold = Effect.gen(function* () {
    yield* must(
      /^[a-z][a-z0-9_]*$/.test(metric.id),
      `The id "${metric.id}" has to be of lower-case letters, digits and _.`,
    )
    yield* must(metric.title !== "", "The title is empty: it is the head of a column.")
    yield* must(
      metric.definition !== "",
      "The definition is empty: a figure whose making is not told is worth nothing.",
    )
    const taken = metric.roles?.find((role) => role !== "compared")
    yield* must(
      taken === undefined || METRICS.includes(metric),
      `The role "${taken}" is Rigbook's own to give: a plugin's metric can be "compared".`,
    )
    yield* must(metric.tasks.length > 0, "The metric is for no task: it would never be measured.")
  })

  const isPure = Effect.forEach(all, ({ name, sample, telemetry }) => {
    const given = structuredClone(sample)
    const [first, second] = [metric.measure(given, telemetry), metric.measure(given, telemetry)]
    return Effect.andThen(
      must(
        isDeepStrictEqual(sample, given),
        `The metric alters the sample that it is given (${name}): copy before you sort.`,
      ),
      must(
        isDeepStrictEqual(first, second),
        `Of ${name} the metric makes ${show(first)} at first and then ${show(second)}: it has to be pure.`,
      ),
    )
  })

  const isFinite = Effect.forEach(all, ({ name, sample, telemetry }) => {
    const found = metric.measure(structuredClone(sample), telemetry)
    return "value" in found
      ? must(
          Number.isFinite(found.value),
          `Of ${name} the metric makes ${found.value}: say why there is no figure instead.`,
        )
      : must(found.absent !== "", `Of ${name} the metric makes nothing, and gives no reason.`)
  })

  const missingIsNotZero = Effect.suspend(() => {
    const found = metric.measure(oddSamples["a trial without requests or memory readings"])
    return must(
      !("value" in found && found.value === 0),
      "Of a trial in which nothing was measured the metric makes 0: missing is never zero, so give absent(…) with the reason.",
    )
  })

  const hasValues = Effect.forEach(metric.tasks, (task) => {
    const found = metric.measure(wholeOf(metric, task), TELEMETRY)
    return must(
      "value" in found,
      `The metric is said to be for ${task}, and has no value for a whole trial of it: ${"absent" in found ? found.absent : ""}.`,
    )
  })

  const isAsExpected = Effect.gen(function* () {
    if (examples.length === 0) return yield* notRun("give examples: samples, and what the metric makes of them")
    for (const [index, { expected, sample, telemetry }] of examples.entries()) {
      const found = metric.measure(structuredClone(sample), telemetry)
      yield* must(
        isDeepStrictEqual(found, expected),
        `Of example ${index} the metric makes ${show(found)}, expected is ${show(expected)}.`,
      )
    }
  })

  return [
    { name: "says what it is", check: isTold },
    { name: "makes the same of the same sample, and leaves it as it is", check: Effect.asVoid(isPure) },
    { name: "gives a number or a reason, whatever the sample", check: Effect.asVoid(isFinite) },
    { name: "does not make a figure of nothing", check: missingIsNotZero },
    { name: "has a value for each of its tasks", check: Effect.asVoid(hasValues) },
    { name: "makes of the author's examples what they say", check: isAsExpected },
  ]
}

const show = (value: Measured): string => JSON.stringify(value)

/** Registers the conformance suite of a metric with vitest: to be called at the top of a test file. */
export const metricSuite = (metric: Metric, examples: ReadonlyArray<MetricExample> = []): void =>
  registerSuite(`metric ${metric.id}`, metricCases(metric, examples), Layer.empty)

/** The same cases without vitest: what each came to, in their order. */
export const checkMetric = (
  metric: Metric,
  examples: ReadonlyArray<MetricExample> = [],
): Effect.Effect<ReadonlyArray<CaseResult>> => runCases(metricCases(metric, examples))
