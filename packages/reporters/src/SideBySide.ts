import { type Entry, remembered, type RunRecord, type Task } from "@rigbook/core"
import { metricOf, type Shelf } from "@rigbook/records"
import { conditions } from "./Scaling.ts"

/** What the runs of a comparison differ in. */
export type Varying = "quantization" | "context" | "concurrency" | "rate"

export const VARYING: ReadonlyArray<Varying> = ["quantization", "context", "concurrency", "rate"]

/** Runs of one model that differ in one thing alone, in its order; the first is what the others are relative to. */
export interface SideBySide {
  readonly by: Varying
  readonly family: string
  readonly records: readonly [RunRecord, RunRecord, ...ReadonlyArray<RunRecord>]
}

/**
 * The registry's comparisons: one model in several quantizations, most bits first; at several contexts; with several
 * requests at once; at several rates of arrival. Everything else is alike: engine, version, options, placement, host
 * and prompts. Batches, placements and engines have their own (`batchScaling`, `placementScaling`, `engineComparison`).
 * Pure.
 */
export const sideBySide = remembered((entries: ReadonlyArray<Entry>): ReadonlyArray<SideBySide> => {
  const families = new Map(entries.flatMap(({ family, records }) => records.map((record) => [record, family] as const)))
  const records = [...families.keys()]
  return VARYING.flatMap((by) => {
    const { among, keyOf, value } = RULES[by]
    const groups = Map.groupBy(records.filter(among), (record) => JSON.stringify([families.get(record), keyOf(record)]))
    return [...groups.values()].flatMap((group): ReadonlyArray<SideBySide> => {
      const [first, second, ...rest] = group.toSorted((a, b) => value(a) - value(b) || (a.id < b.id ? -1 : 1))
      const varies = new Set(group.map(value)).size > 1
      return first === undefined || second === undefined || !varies
        ? []
        : [{ by, family: families.get(first)!, records: [first, second, ...rest] }]
    })
  })
})

/** The number that a run of a ladder has where the others have another: a depth, streams, a rate. */
export const rungOf = (by: Exclude<Varying, "quantization">, record: RunRecord): number => RULES[by].value(record)

/** The metric by which the runs of a comparison are held against each other. */
export const speedOf = (by: Varying, task: Task): string =>
  metricOf(shelfOf(by, task) === "load" ? "throughput" : "speed", task).id

/** What the rows of a comparison are. */
export const shelfOf = (by: Varying, task: Task): Shelf => (by === "concurrency" || by === "rate" ? "load" : task)

interface Rule {
  readonly among: (record: RunRecord) => boolean
  /** All that must be alike. */
  readonly keyOf: (record: RunRecord) => unknown
  /** What they differ in, by which they are ordered. */
  readonly value: (record: RunRecord) => number
}

const scenarioRule = (kind: RunRecord["cell"]["scenario"]["kind"], field: string): Rule => ({
  among: ({ cell }) => cell.scenario.kind === kind,
  keyOf: (record) => [
    record.cell.config.id,
    conditions(record),
    record.cell.placement,
    { ...record.cell.scenario, [field]: null },
  ],
  value: ({ cell }) => Number(Object.entries(cell.scenario).find(([name]) => name === field)?.[1]),
})

const RULES: Readonly<Record<Varying, Rule>> = {
  quantization: {
    among: () => true,
    keyOf: ({ cell }) => [
      cell.task,
      cell.backend,
      cell.options,
      cell.host.fingerprint,
      [cell.runtime.program, cell.runtime.version, cell.runtime.libraries],
      cell.placement,
      cell.scenario,
      cell.prompts.sha256,
    ],
    // Negative, so that most bits come first.
    value: ({ cell: { model } }) => -(model.unpackedFrom ?? model).bitsPerWeight,
  },
  context: scenarioRule("context", "depth"),
  concurrency: scenarioRule("concurrency", "streams"),
  rate: scenarioRule("open-loop", "rate"),
}
