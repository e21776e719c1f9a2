import { isBatch, kindOf, type Registry, raisedOf, remembered, type RunRecord } from "@rigbook/core"
import { metricOf } from "@rigbook/records"
import { Order } from "effect"
import { batchScaling } from "./BatchScaling.ts"
import { engineComparison } from "./EngineComparison.ts"
import { sideBySide, speedOf } from "./SideBySide.ts"

/** Runs that differ in one thing alone, as REGISTRY.md shows them: the first is what the others are relative to. */
export interface Tradeoff {
  /** `quantization`, `batch`, `engine`, or what a kind of scenario raises. */
  readonly by: string
  readonly title: string
  readonly records: readonly [RunRecord, ...ReadonlyArray<RunRecord>]
  /** By which they are compared. */
  readonly speed: string
  /** Of a ladder, what its numbers count: `documents`. */
  readonly unit?: string
  readonly sizeOf?: (record: RunRecord) => number | undefined
  readonly isLoad?: true
}

/** So many of each kind: those with most valid runs, the newest of equal ones. */
const EACH = 2
/** Runs of one of them: the largest ladder of a registry may have hundreds. */
const RUNGS = 8

/** What REGISTRY.md compares, by kind: quantizations, ladders, batches, engines. Pure. */
export const tradeoffsOf = remembered(({ entries }: Registry): ReadonlyArray<ReadonlyArray<Tradeoff>> => {
  const groups = sideBySide(entries).map(({ records, varying }): Tradeoff => ({
    by: varying.by,
    title: varying.head === undefined ? "Quantization" : capital(varying.by),
    records: records.slice(0, RUNGS) as unknown as Tradeoff["records"],
    speed: speedOf(varying, records[0].cell.task),
    ...(varying.head === undefined
      ? {}
      : { unit: kindOf(records[0].cell.scenario).raised!.unit, sizeOf: ({ cell }) => raisedOf(cell.scenario) }),
    ...(varying.shelf === "load" ? { isLoad: true } : {}),
  }))
  const batches = entries.flatMap(({ records }) =>
    batchScaling(records).flatMap((group): ReadonlyArray<Tradeoff> => {
      const sizes = new Set(group.map(({ scenario }) => scenario.batchSize))
      const [first, ...rest] = group.slice(0, RUNGS).map(({ record }) => record)
      return first === undefined || sizes.size < 2
        ? []
        : [
            {
              by: "batch",
              title: "Batch",
              unit: "documents",
              records: [first, ...rest],
              speed: metricOf("throughput", "embed").id,
              sizeOf: ({ cell: { scenario } }) => (isBatch(scenario) ? scenario.batchSize : undefined),
            },
          ]
    }),
  )
  const engines = engineComparison(entries.flatMap(({ records }) => records)).map((group): Tradeoff => ({
    by: "engine",
    title: "Engine",
    records: group.slice(0, RUNGS) as unknown as Tradeoff["records"],
    speed: metricOf("speed", group[0].cell.task).id,
  }))
  return [...Map.groupBy([...groups, ...batches, ...engines], ({ by }) => by).values()].map((alike) =>
    alike
      .map((tradeoff) => ({ tradeoff, rank: rankOf(tradeoff) }))
      .toSorted((a, b) => compareRanks(a.rank, b.rank))
      .slice(0, EACH)
      .map(({ tradeoff }) => tradeoff),
  )
})

const rankOf = ({ records }: Tradeoff) => ({
  valid: records.filter(({ verdict }) => verdict.status === "valid").length,
  size: records.length,
  latest: records.reduce((last, { startedAt }) => (startedAt > last ? startedAt : last), ""),
  id: records[0].id,
})

type Rank = ReturnType<typeof rankOf>

const compareRanks = (a: Rank, b: Rank): number =>
  b.valid - a.valid || b.size - a.size || Order.String(b.latest, a.latest) || Order.String(a.id, b.id)

const capital = (word: string): string => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`
