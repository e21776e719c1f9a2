import { type Entry, isLoad, isQuality, medianOf, type RunRecord, scenarioName } from "@rigbook/core"
import { metricOf } from "@rigbook/records"
import { Order } from "effect"
import { cacheOf, sameAnswers } from "./Quality.ts"

/** One file of a family, with a type of its KV cache: what it loses, and what it gains. */
export interface LossRow {
  /** The run that measured the loss. */
  readonly loss: RunRecord
  /** KL divergence from the reference, in nats. */
  readonly kld: number
  readonly bitsPerWeight: number
  /** Of the weights. */
  readonly bytes: number
  /** A run of the same file, engine and cache; of the scenario that most of the rows have. */
  readonly speed?: RunRecord
  /** No other row has as few bytes, as much speed and as little loss, and one of them better: by medians. */
  readonly onFront: boolean
}

/** A family's files, compared with one reference on one text; most bits first. */
export interface LossTradeoff {
  readonly family: string
  readonly rows: readonly [LossRow, ...ReadonlyArray<LossRow>]
}

/** What each family loses and gains by quantization, where that was measured; by family, engine and reference. Pure. */
export const lossTradeoffsOf = (entries: ReadonlyArray<Entry>): ReadonlyArray<LossTradeoff> => {
  const families = Map.groupBy(entries, ({ family }) => family)
  return [...families].flatMap(([family, of]) => {
    const records = of.flatMap((entry) => entry.records).filter(({ verdict }) => verdict.status !== "invalid")
    const losses = records.filter((record) => kldOf(record) !== undefined)
    return [...Map.groupBy(losses, textKey).values()].map((alike): LossTradeoff => {
      const once = [...Map.groupBy(alike, answerKey).values()].map((same) => same.toSorted(byTime).at(-1)!)
      const speeds = speedsOf(once, records)
      const rows = once
        .map((loss) => rowOf(loss, speeds.get(loss)))
        .toSorted((a, b) => b.bitsPerWeight - a.bitsPerWeight || a.kld - b.kld || Order.String(a.loss.id, b.loss.id))
      const [first, ...rest] = rows.map((row): LossRow => ({ ...row, onFront: isOnFront(row, rows) }))
      return { family, rows: [first!, ...rest] }
    })
  })
}

const kldOf = (record: RunRecord): number | undefined =>
  isQuality(record.cell.scenario) && record.cell.scenario.measure === "kld" ? medianOf(record, "kld_mean") : undefined

/** Losses are compared if text, chunks, reference and engine are the same. */
const textKey = ({ cell: { backend, prompts, reference, runtime, scenario } }: RunRecord): string =>
  JSON.stringify([
    backend,
    runtime.version,
    prompts.sha256,
    reference?.sha256,
    isQuality(scenario) && scenario.measure === "kld" ? [scenario.chunks, scenario.context] : [],
  ])

const answerKey = (record: RunRecord): string => JSON.stringify([record.cell.model.sha256, cacheOf(record)])

/** Of each loss the run of its speed, all of one scenario and host. */
const speedsOf = (losses: ReadonlyArray<RunRecord>, records: ReadonlyArray<RunRecord>) => {
  const timed = records.filter(({ cell }) => !isQuality(cell.scenario) && !isLoad(cell.scenario))
  const found = losses.map((loss) => timed.filter((record) => sameAnswers(loss, record)))
  const counts = [
    ...Map.groupBy(
      found.flatMap((runs) => [...new Set(runs.map(placeKey))]),
      (key) => key,
    ),
  ]
  const [usual] = counts.toSorted(
    ([a, as], [b, bs]) => bs.length - as.length || latency(b) - latency(a) || Order.String(a, b),
  )
  return new Map(
    losses.flatMap((loss, index) => {
      const run = found[index]!.filter((record) => placeKey(record) === usual?.[0])
        .toSorted(byTime)
        .at(-1)
      return run === undefined ? [] : [[loss, run] as const]
    }),
  )
}

const placeKey = ({ cell: { host, placement, scenario } }: RunRecord): string =>
  JSON.stringify([scenarioName(scenario), host.fingerprint, placement])

const latency = (key: string): number => (key.startsWith('["latency') ? 1 : 0)

const byTime = (a: RunRecord, b: RunRecord): number => Order.String(a.startedAt, b.startedAt)

type Row = Omit<LossRow, "onFront">

const rowOf = (loss: RunRecord, speed: RunRecord | undefined): Row => ({
  loss,
  kld: kldOf(loss)!,
  // A loss is measured of files alone, of which both are known.
  bitsPerWeight: loss.cell.model.bitsPerWeight!,
  bytes: loss.cell.model.weightBytes!,
  ...(speed === undefined ? {} : { speed }),
})

const isOnFront = (row: Row, rows: ReadonlyArray<Row>): boolean => {
  const own = pointOf(row)
  if (own === undefined) return false
  return !rows.some((other) => {
    const point = pointOf(other)
    return (
      point !== undefined &&
      point.every((value, at) => value <= own[at]!) &&
      point.some((value, at) => value < own[at]!)
    )
  })
}

/** Less is better in each. */
const pointOf = ({ bytes, kld, speed }: Row): ReadonlyArray<number> | undefined => {
  const tokens = speed === undefined ? undefined : medianOf(speed, metricOf("speed", "generate").id)
  return tokens === undefined ? undefined : [bytes, kld, -tokens]
}
