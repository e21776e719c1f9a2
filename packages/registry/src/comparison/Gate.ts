import type { Comparison } from "./Compare.ts"

/** What a gate makes of a comparison. */
export interface Gate {
  /** `unknown`: something could not be compared, so that nobody knows. */
  readonly status: "passed" | "regression" | "unknown"
  readonly reasons: ReadonlyArray<string>
}

/**
 * A gate opens only when all that was there before is there, could be compared and got no worse. What is new on the
 * other side is in nobody's way. Suspect records may not repeat, so that nobody knows, whatever they show. A
 * regression weighs more than what is not known.
 */
export const gate = ({ onlyInA, records, refused }: Comparison): Gate => {
  const of = (word: string, trusted: boolean) =>
    records
      .filter((record) => record.trusted === trusted)
      .flatMap(({ b, metrics }) =>
        metrics.filter((metric) => metric.word === word).map(({ title }) => `${title} of ${b}`),
      )
  const worse = of("worse", true).map((what) => `${what} got worse`)
  const unknown = [
    ...of("worse", false).map((what) => `${what} got worse, as far as suspect records tell`),
    ...of("too few trials to tell", true).map((what) => `${what} has too few trials to tell`),
    ...records
      .filter(({ trusted }) => !trusted)
      .map(({ a, b }) => `${a} or ${b} is suspect; measure again, or take them as they are with --across verdict`),
    ...refused.map(({ a, b, reasons }) => `${a} and ${b}: ${reasons.map(({ detail }) => detail).join("; ")}`),
    ...records.flatMap(({ absent, b }) =>
      absent.filter(({ lost }) => lost).map(({ reason, title }) => `${title} of ${b} is missing: ${reason}`),
    ),
    ...onlyInA.map((id) => `${id} has no counterpart`),
    ...records
      .filter(({ metrics }) => metrics.length === 0)
      .map(({ a, b }) => `${a} and ${b} have no metric in common that could be compared`),
    ...(records.length + refused.length + onlyInA.length === 0 ? ["there is nothing to compare"] : []),
  ]
  const status = worse.length > 0 ? "regression" : unknown.length > 0 ? "unknown" : "passed"
  return { status, reasons: [...worse, ...unknown] }
}
