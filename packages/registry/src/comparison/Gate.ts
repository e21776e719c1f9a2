import type { Comparison } from "./Compare.ts"

/** A gate's decision about a comparison. */
export interface Gate {
  /** `unknown`: something could not be compared, so the result is inconclusive. */
  readonly status: "passed" | "regression" | "unknown"
  readonly reasons: ReadonlyArray<string>
}

/**
 * A gate passes only if everything that existed before still exists, could be compared and got no worse. What is new on
 * the other side does not matter. Suspect records may not repeat, so they are inconclusive, whatever they show. A
 * regression weighs more than an inconclusive result.
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
    ...of("worse", false).map((what) => `${what} got worse, but a record is suspect`),
    ...of("too few trials to tell", true).map((what) => `${what} has too few trials to tell`),
    ...records
      .filter(({ trusted }) => !trusted)
      .map(({ a, b }) => `${a} or ${b} is suspect; measure again, or accept it with --across verdict`),
    ...refused.map(({ a, b, reasons }) => `${a} and ${b}: ${reasons.map(({ detail }) => detail).join("; ")}`),
    ...records.flatMap(({ absent, b }) =>
      absent.filter(({ lost }) => lost).map(({ reason, title }) => `${title} of ${b} is missing: ${reason}`),
    ),
    ...onlyInA.map((id) => `${id} has no counterpart`),
    ...records
      .filter(({ metrics }) => metrics.length === 0)
      .map(({ a, b }) => `${a} and ${b} have no metric in common to compare`),
    ...(records.length + refused.length + onlyInA.length === 0 ? ["there is nothing to compare"] : []),
  ]
  const status = worse.length > 0 ? "regression" : unknown.length > 0 ? "unknown" : "passed"
  return { status, reasons: [...worse, ...unknown] }
}
