import { type Batch, isBatch, type RunRecord } from "@rigbook/core"
import { metricOf } from "@rigbook/records"
import { type Compared, comparable, compare, conditions } from "./Scaling.ts"

/** The metric that batch scaling compares. */
export const THROUGHPUT = metricOf("throughput", "embed").id

export interface ScalingPoint extends Compared {
  readonly scenario: Batch
}

/** Runs that differ only in one number of their batch, smallest first. */
export type ScalingGroup = readonly [ScalingPoint, ...ReadonlyArray<ScalingPoint>]

/**
 * Throughput by batch, relative to the smallest batch that has one: by documents of a forward pass over the same
 * documents, and by documents of a call at the same documents of a forward pass. A single batch makes no group.
 */
export const batchScaling = (records: ReadonlyArray<RunRecord>): ReadonlyArray<ScalingGroup> =>
  (records.some(({ cell }) => isBatch(cell.scenario)) ? [...Map.groupBy(records, sameButBatch).values()] : []).flatMap(
    (group) => {
      const batches = group.flatMap((record) => {
        const { scenario } = record.cell
        return isBatch(scenario) ? [{ record, scenario }] : []
      })
      return [
        ...ladders(batches, ({ scenario }) => scenario.documents),
        ...ladders(batches, ({ scenario }) => scenario.batchSize),
      ]
    },
  )

/** Whether a group's batches differ in the documents of a forward pass, or in those of a call. */
export const growsByBatch = ([first, ...rest]: ScalingGroup): boolean =>
  rest.some(({ scenario }) => scenario.batchSize !== first.scenario.batchSize)

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
      const base = ordered.find(({ record }) => comparable(record, THROUGHPUT) !== undefined)?.record
      const [first, ...rest] = ordered.map((batch): ScalingPoint => ({
        ...batch,
        ...compare(base, batch.record, THROUGHPUT),
      }))
      return first === undefined || rest.length === 0 ? [] : [[first, ...rest]]
    })

/** Everything that must be equal for a difference to come from the batch alone. */
const sameButBatch = (record: RunRecord): string => JSON.stringify([conditions(record), record.cell.placement])
