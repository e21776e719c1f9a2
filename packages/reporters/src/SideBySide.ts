import {
  type Entry,
  isQuality,
  kindOf,
  KINDS,
  raisedOf,
  remembered,
  type RunRecord,
  type ScenarioKind,
  type Task,
} from "@rigbook/core"
import { metricOf, type Shelf } from "@rigbook/records"
import { conditions } from "./Scaling.ts"

/** What the runs of a comparison differ in: `quantization`, or the number that a kind of scenario raises. */
export interface Varying {
  readonly by: string
  /** Of the tables that show it. */
  readonly title: string
  /** Where its runs have a number: of the column of numbers. */
  readonly head?: string
  /** What the rows are, where they are not runs of a task. */
  readonly shelf?: Shelf
}

/** Runs of one model that differ in one thing only, in its order; the others are relative to the first. */
export interface SideBySide {
  readonly varying: Varying
  readonly family: string
  readonly records: readonly [RunRecord, RunRecord, ...ReadonlyArray<RunRecord>]
}

/**
 * The registry's comparisons: one model in several quantizations, most bits first; at several contexts; with several
 * requests at once; at several rates of arrival. Everything else is equal: engine, version, options, placement, host
 * and prompts. Batches, placements and engines have their own (`batchScaling`, `placementScaling`, `engineComparison`).
 * Pure.
 */
export const sideBySide = remembered((entries: ReadonlyArray<Entry>): ReadonlyArray<SideBySide> => {
  const families = new Map(entries.flatMap(({ family, records }) => records.map((record) => [record, family] as const)))
  const records = [...families.keys()]
  return RULES.flatMap((varying) => {
    const { among, keyOf, value } = varying
    const groups = Map.groupBy(records.filter(among), (record) => JSON.stringify([families.get(record), keyOf(record)]))
    return [...groups.values()].flatMap((group): ReadonlyArray<SideBySide> => {
      const [first, second, ...rest] = group.toSorted((a, b) => value(a) - value(b) || (a.id < b.id ? -1 : 1))
      const varies = new Set(group.map(value)).size > 1
      return first === undefined || second === undefined || !varies
        ? []
        : [{ varying, family: families.get(first)!, records: [first, second, ...rest] }]
    })
  })
})

/** The metric by which the runs of a comparison are compared. */
export const speedOf = ({ shelf }: Varying, task: Task): string =>
  metricOf(shelf === "load" ? "throughput" : "speed", task).id

interface Rule extends Varying {
  readonly among: (record: RunRecord) => boolean
  /** Everything that must be equal. */
  readonly keyOf: (record: RunRecord) => unknown
  /** What they differ in, by which they are ordered. */
  readonly value: (record: RunRecord) => number
}

const QUANTIZATION: Rule = {
  by: "quantization",
  title: "By quantization",
  among: ({ cell }) => !isQuality(cell.scenario),
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
  value: ({ cell: { model } }) => -((model.unpackedFrom ?? model).bitsPerWeight ?? 0),
}

const ruleOf = ({ load, raised }: Pick<ScenarioKind<never>, "load" | "raised">): ReadonlyArray<Rule> =>
  raised?.title === undefined
    ? []
    : [
        {
          by: raised.by,
          title: raised.title,
          head: raised.head,
          ...(load ? { shelf: "load" } : {}),
          among: ({ cell }) => kindOf(cell.scenario).raised === raised,
          keyOf: (record) => [
            record.cell.config.id,
            conditions(record),
            record.cell.placement,
            { ...record.cell.scenario, [raised.field]: null },
          ],
          value: ({ cell }) => raisedOf(cell.scenario)!,
        },
      ]

/** Quantizations, then requests of one stream, then loads. */
const RULES: ReadonlyArray<Rule> = [
  QUANTIZATION,
  ...Object.values(KINDS)
    .flatMap<Rule>(ruleOf)
    .toSorted((a, b) => Number(a.shelf === "load") - Number(b.shelf === "load")),
]

export const VARYING: ReadonlyArray<Varying> = RULES
