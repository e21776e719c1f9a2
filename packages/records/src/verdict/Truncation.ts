import type { Effective, RequestSample, Sample, Truncation } from "@rigbook/core"

/**
 * What was cut off the documents of the measured trial that lost most; `undefined` if it was not checked, as in older
 * records. Pure.
 */
export const truncationOf = (
  samples: ReadonlyArray<Sample>,
  effective: Pick<Effective, "settings"> | undefined,
): Truncation | undefined => {
  const limit = effective?.settings["maxLength"]
  const trials = samples
    .filter(({ phase }) => phase === "measured")
    .flatMap(({ requests }) => ofTrial(requests.filter(({ outcome }) => outcome === "ok")) ?? [])
  const [first, ...rest] = trials
  if (first === undefined) return undefined
  const worst = rest.reduce((most, next) => (droppedBy(next) > droppedBy(most) ? next : most), first)
  // If one trial is unknown, so is the run.
  if (droppedBy(worst) === 0) return trials.find((trial) => "unknown" in trial) ?? worst
  return { ...worst, ...(typeof limit === "number" ? { maxLength: limit } : {}) }
}

const ofTrial = (calls: ReadonlyArray<RequestSample>): Truncation | undefined => {
  const reported = calls.flatMap(({ truncated }) => truncated ?? [])
  if (reported.length === 0) return undefined
  const counted = reported.flatMap((one) => ("tokens" in one ? [one] : []))
  const tokens = sum(counted.map((one) => one.tokens))
  const unknown = reported.find((one) => "unknown" in one)
  if (unknown !== undefined && tokens === 0) return unknown
  const documents = counted.map((one) => one.documents)
  const inputs = calls.map(({ inputTokens }) => inputTokens)
  return {
    ...(documents.every((count) => count !== undefined) ? { documents: sum(documents) } : {}),
    of: sum(calls.map((call) => call.documents ?? 0)),
    tokens,
    ...(inputs.every((count) => count !== undefined) ? { ofTokens: sum(inputs) + tokens } : {}),
    ...(unknown !== undefined || counted.some(({ atLeast }) => atLeast === true) ? { atLeast: true as const } : {}),
  }
}

const droppedBy = (trial: Truncation): number => ("tokens" in trial ? trial.tokens : 0)

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)
