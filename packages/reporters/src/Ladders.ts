import type { Placement, RunRecord } from "@rigbook/core"
import { scenarioName } from "@rigbook/core"
import { batchScaling } from "./BatchScaling.ts"
import { placementName } from "./names.ts"
import { conditions } from "./Scaling.ts"

/** What grows along a ladder: documents of a batch, tokens before the answer, streams, requests a second. */
export type LadderKind = "batch" | "context" | "streams" | "rate"

/** Runs that differ in nothing but one number of their scenario, smallest first. */
export interface Ladder {
  readonly kind: LadderKind
  readonly name: string
  readonly steps: ReadonlyArray<{ readonly record: RunRecord; readonly size: number }>
}

/** The ladders among these runs. A run alone makes none. Pure. */
export const laddersOf = (records: ReadonlyArray<RunRecord>): ReadonlyArray<Ladder> => [
  ...batchLadders(records),
  ...[...Map.groupBy(records.flatMap(rungOf), ({ alike }) => alike).values()].flatMap(
    (rungs): ReadonlyArray<Ladder> => {
      const [first] = rungs
      if (first === undefined || rungs.length < 2) return []
      const { kind, record } = first
      return [{ kind, name: `${nameOf(record)}, ${first.fixed}`, steps: rungs.toSorted((a, b) => a.size - b.size) }]
    },
  ),
]

const batchLadders = (records: ReadonlyArray<RunRecord>): ReadonlyArray<Ladder> =>
  batchScaling(records).map((group) => {
    const [{ record, scenario }] = group
    const grows = group.some((point) => point.scenario.batchSize !== scenario.batchSize)
    const fixed = grows ? `${scenario.documents} documents a call` : `${scenario.batchSize} a forward pass`
    return {
      kind: "batch",
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
  readonly kind: LadderKind
  readonly record: RunRecord
  readonly size: number
  /** All that must be the same for a difference to come from the size alone. */
  readonly alike: string
  /** The same in words, but for the conditions. */
  readonly fixed: string
}

const rungOf = (record: RunRecord): ReadonlyArray<Rung> => {
  const { scenario } = record.cell
  const rung = (kind: LadderKind, size: number, rest: object): ReadonlyArray<Rung> => {
    const placement: Placement = record.cell.placement
    const fixed = scenarioName(scenario).replace(String(size), "…")
    return [{ kind, record, size, fixed, alike: JSON.stringify([conditions(record), placement, rest]) }]
  }
  switch (scenario.kind) {
    case "context":
      return rung("context", scenario.depth, { ...scenario, depth: 0 })
    case "concurrency":
      // Requests follow the streams unless they are set.
      return rung("streams", scenario.streams, { ...scenario, streams: 0 })
    case "open-loop":
      return rung("rate", scenario.rate, { ...scenario, rate: 0 })
    default:
      return []
  }
}
