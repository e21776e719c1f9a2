import { isBatch, kindOf, KINDS, type Raised, raisedOf, type RunRecord, scenarioName } from "@rigbook/core"
import { batchScaling } from "./BatchScaling.ts"
import { placementName } from "./names.ts"
import { contextOption, withoutOption } from "./RungOptions.ts"
import { conditions } from "./Scaling.ts"

/** Runs that differ only in one number of their scenario, smallest first. */
export interface Ladder {
  /** What grows along it. */
  readonly raised: Raised
  readonly name: string
  readonly steps: ReadonlyArray<{ readonly record: RunRecord; readonly size: number }>
}

/** The ladders among these runs. A single run makes none. Pure. */
export const laddersOf = (records: ReadonlyArray<RunRecord>): ReadonlyArray<Ladder> => [
  ...batchLadders(records),
  ...alikeRungs(records.flatMap(rungOf)).flatMap((rungs): ReadonlyArray<Ladder> => {
    const [first] = rungs
    if (first === undefined || rungs.length < 2) return []
    const { raised, record } = first
    return [{ raised, name: `${nameOf(record)}, ${first.fixed}`, steps: rungs.toSorted((a, b) => a.size - b.size) }]
  }),
]

/** Those with equal conditions; groups of which every rung set its own context may differ in it. */
const alikeRungs = (rungs: ReadonlyArray<Rung>): ReadonlyArray<ReadonlyArray<Rung>> => {
  const groups = [...Map.groupBy(rungs, ({ alike }) => alike).values()]
  const keyOf = ([first, ...others]: ReadonlyArray<Rung>): string => {
    const isOwn = others.every(({ besideContext }) => besideContext !== undefined)
    return (isOwn ? first!.besideContext : undefined) ?? first!.alike
  }
  return [...Map.groupBy(groups, keyOf).values()].map((same) => same.flat())
}

const batchLadders = (records: ReadonlyArray<RunRecord>): ReadonlyArray<Ladder> =>
  batchScaling(records).map((group) => {
    const [{ record, scenario }] = group
    const grows = group.some((point) => point.scenario.batchSize !== scenario.batchSize)
    const fixed = grows ? `${scenario.documents} documents a call` : `${scenario.batchSize} a forward pass`
    return {
      raised: KINDS.batch.raised!,
      name: `${nameOf(record)}, ${record.cell.prompts.name}, ${fixed}`,
      steps: group.map((point) => ({
        record: point.record,
        size: grows ? point.scenario.batchSize : point.scenario.documents,
      })),
    }
  })

const nameOf = (record: RunRecord): string =>
  `${record.cell.config.name}, ${record.cell.backend} on ${placementName(record)}`

interface Rung {
  readonly raised: Raised
  readonly record: RunRecord
  readonly size: number
  /** Everything that must be equal for a difference to come from the size alone. */
  readonly alike: string
  /** The same without the context that the rung itself needed. */
  readonly besideContext: string | undefined
  /** The same in words, without the conditions. */
  readonly fixed: string
}

const rungOf = (record: RunRecord): ReadonlyArray<Rung> => {
  const { placement, scenario } = record.cell
  const { raised } = kindOf(scenario)
  const size = raisedOf(scenario)
  if (raised === undefined || size === undefined || isBatch(scenario)) return []
  const fixed = scenarioName(scenario).replace(String(size), "…")
  // What follows the number unless it is set, such as requests the streams, is not in the scenario.
  const rest = { ...scenario, [raised.field]: 0 }
  const alike = (options = record.cell.options): string =>
    JSON.stringify([conditions(record, options), placement, rest])
  const own = contextOption(record)
  const besideContext = own === undefined ? undefined : alike(withoutOption(record.cell.options, own))
  return [{ raised, record, size, fixed, alike: alike(), besideContext }]
}
