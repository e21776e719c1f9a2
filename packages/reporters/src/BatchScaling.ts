import type { Batch, RunRecord, Summary } from "@rigbook/core"

/** The metric that batch scaling compares. */
export const THROUGHPUT = "docs_per_s"

/** Relative change within which two throughputs count as the same. */
export const TOLERANCE = 0.05

/** `unclear`: beyond the tolerance, but the two intervals overlap. */
export type Judgement = "base" | "better" | "flat" | "slower" | "unclear"

export interface ScalingPoint {
  readonly record: RunRecord
  readonly scenario: Batch
  /** Absent when the run has no throughput, or is invalid, so that it can't be compared. */
  readonly compared?: { readonly ratio: number; readonly judgement: Judgement }
}

/** Runs that differ in nothing but one number of their batch, smallest first. */
export type ScalingGroup = readonly [ScalingPoint, ...ReadonlyArray<ScalingPoint>]

/**
 * Throughput by batch, relative to the smallest batch that has one: by documents of a forward pass over the same
 * documents, and by documents of a call at the same documents of a forward pass. A batch alone makes no group.
 */
export const batchScaling = (records: ReadonlyArray<RunRecord>): ReadonlyArray<ScalingGroup> =>
  [...Map.groupBy(records, sameButBatch).values()].flatMap((group) => {
    const batches = group.flatMap((record) => {
      const { scenario } = record.cell
      return scenario.kind === "batch" ? [{ record, scenario }] : []
    })
    return [
      ...ladders(batches, ({ scenario }) => scenario.documents),
      ...ladders(batches, ({ scenario }) => scenario.batchSize),
    ]
  })

interface BatchRun {
  readonly record: RunRecord
  readonly scenario: Batch
}

const ladders = (batches: ReadonlyArray<BatchRun>, fixed: (batch: BatchRun) => number): ReadonlyArray<ScalingGroup> =>
  [...Map.groupBy(batches, fixed)]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([, alike]) => {
      const ordered = alike.toSorted(
        (a, b) => a.scenario.documents - b.scenario.documents || a.scenario.batchSize - b.scenario.batchSize,
      )
      const base = ordered.find(({ record }) => comparable(record) !== undefined)?.record
      const [first, ...rest] = ordered.map((batch): ScalingPoint => ({ ...batch, ...comparison(base, batch.record) }))
      return first === undefined || rest.length === 0 ? [] : [[first, ...rest]]
    })

const comparison = (base: RunRecord | undefined, record: RunRecord): Pick<ScalingPoint, "compared"> => {
  const from = base && comparable(base)
  const to = comparable(record)
  if (from === undefined || to === undefined) return {}
  return {
    compared: { ratio: to.median / from.median, judgement: base === record ? "base" : judge(from, to) },
  }
}

const judge = (from: Summary, to: Summary): Judgement => {
  const ratio = to.median / from.median
  if (ratio < 1 + TOLERANCE && ratio >= 1 - TOLERANCE) return "flat"
  if (overlap(from, to)) return "unclear"
  return ratio > 1 ? "better" : "slower"
}

/** Without intervals there is nothing that could overlap. */
const overlap = (a: Summary, b: Summary): boolean =>
  a.low !== undefined &&
  a.high !== undefined &&
  b.low !== undefined &&
  b.high !== undefined &&
  a.low <= b.high &&
  b.low <= a.high

const comparable = (record: RunRecord): Summary | undefined => {
  const result = record.values.find(({ metric }) => metric === THROUGHPUT)?.result
  return record.verdict.status === "invalid" || result === undefined || !("summary" in result)
    ? undefined
    : result.summary
}

/** All that must be alike for a difference to come from the batch alone. */
const sameButBatch = ({ cell }: RunRecord): string =>
  JSON.stringify([
    cell.backend,
    cell.options,
    cell.placement.strategy,
    cell.placement.devices,
    cell.host.fingerprint,
    [cell.runtime.program, cell.runtime.version, cell.runtime.libraries],
    cell.model.sha256,
    cell.prompts.sha256,
    cell.protocol,
  ])
