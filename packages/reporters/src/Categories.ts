import { medianOf, type RunRecord, type Task } from "@rigbook/core"
import { columnsOf, metricOf, type SoleRole, type ViewColumn } from "@rigbook/records"

/** Runs of models that have something in common. */
export interface Category {
  readonly name: string
  /** Names of the configs, in order, each once. */
  readonly models: ReadonlyArray<string>
  /** Smallest and largest median of the runs that are not invalid, by metric. */
  readonly ranges: ReadonlyMap<string, Range>
  readonly records: ReadonlyArray<RunRecord>
}

export interface Range {
  readonly low: RunRecord
  readonly high: RunRecord
}

interface SizeClass {
  readonly name: string
  /** From this many weights on. */
  readonly from: number
}

/** Contiguous, so that each model has its class. */
const SIZE_CLASSES: ReadonlyArray<SizeClass> = [
  { name: "tiny (under 1 billion)", from: 0 },
  { name: "small (1 to 10 billion)", from: 1e9 },
  { name: "medium (10 to 40 billion)", from: 10e9 },
  { name: "large (over 40 billion)", from: 40e9 },
]

export const sizeClassOf = (parameters: number): string => SIZE_CLASSES.findLast(({ from }) => parameters >= from)!.name

/** What was measured by size class, smallest first; classes without a run are left out. Pure. */
export const bySize = (records: ReadonlyArray<RunRecord>): ReadonlyArray<Category> => {
  // A server may not report how many its model has.
  const sized = records.filter(({ cell }) => cell.model.parameters !== undefined)
  const groups = Map.groupBy(sized, ({ cell }) => sizeClassOf(cell.model.parameters!))
  return SIZE_CLASSES.flatMap(({ name }) => {
    const of = groups.get(name)
    return of === undefined ? [] : [category(name, of)]
  })
}

/** What was measured by quantization, most bits per weight first. Pure. */
export const byQuantization = (records: ReadonlyArray<RunRecord>): ReadonlyArray<Category> => {
  const most = (of: ReadonlyArray<RunRecord>) => Math.max(...of.map(({ cell }) => cell.model.bitsPerWeight ?? 0))
  return [...Map.groupBy(records, ({ cell }) => cell.model.quantization)]
    .toSorted(([nameA, a], [nameB, b]) => most(b) - most(a) || (nameA < nameB ? -1 : 1))
    .map(([name, of]) => category(name, of))
}

/** The runs of least and most loss by KL divergence that are not invalid; `undefined` where none measured it. */
export const lossRange = ({ records }: Category): Range | undefined =>
  rangeOf(
    records.filter(({ verdict }) => verdict.status !== "invalid"),
    LOSS,
  )

export const LOSS = "kld_mean"

const columnFor = (role: SoleRole, task: Task): ViewColumn => {
  const metric = metricOf(role, task)
  return columnsOf("runs", task).find((column) => column.metric === metric)!
}

/** The metrics that ranges are shown for. */
export const RANGED: ReadonlyArray<ViewColumn> = [
  columnFor("speed", "generate"),
  columnFor("speed", "embed"),
  columnFor("memory", "generate"),
]

const category = (name: string, records: ReadonlyArray<RunRecord>): Category => {
  const holding = records.filter(({ verdict }) => verdict.status !== "invalid")
  return {
    name,
    models: [...new Set(records.map(({ cell }) => cell.config.name))].toSorted(),
    ranges: new Map(
      RANGED.flatMap(({ metric: { id } }) => {
        const range = rangeOf(holding, id)
        return range === undefined ? [] : [[id, range] as const]
      }),
    ),
    records,
  }
}

const rangeOf = (records: ReadonlyArray<RunRecord>, metric: string): Range | undefined => {
  let range: Range | undefined
  let [least, most] = [0, 0]
  for (const record of records) {
    const median = medianOf(record, metric)
    if (median === undefined) continue
    const { low, high } = (range ??= { low: record, high: record })
    if (low === record && high === record) [least, most] = [median, median]
    // Of equal ones the first and the last by their ids, so that the records' order does not matter.
    const isLow = median < least || (median === least && record.id < low.id)
    const isHigh = median > most || (median === most && record.id > high.id)
    if (isLow) least = median
    if (isHigh) most = median
    range = { low: isLow ? record : low, high: isHigh ? record : high }
  }
  return range
}
