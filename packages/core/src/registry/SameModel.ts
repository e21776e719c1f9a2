import type { ModelFacts } from "../model/Model.ts"
import type { RunRecord } from "../run/RunRecord.ts"

/** SHA-256 of the file that the weights come from: of the one that they were unpacked from, where they were. */
export const originOf = ({ sha256, unpackedFrom }: ModelFacts): string => unpackedFrom?.sha256 ?? sha256

/**
 * Records by model, each group in the order given: two are of one model when they share weights, config or name, and
 * so is everything that is linked by such pairs.
 */
export const byModel = (records: ReadonlyArray<RunRecord>): ReadonlyArray<ReadonlyArray<RunRecord>> => {
  const groupOf = new Map<string, Group>()
  for (const record of records) {
    const keys = keysOf(record)
    const met = [...new Set(keys.flatMap((key) => groupOf.get(key) ?? []))]
    // The smaller goes into the larger, so that no record is moved often.
    const [joined = { keys: [], records: [] }, ...others] = met.toSorted((a, b) => b.records.length - a.records.length)
    for (const other of others) {
      for (const key of other.keys) groupOf.set(key, joined)
      joined.keys.push(...other.keys)
      for (const one of other.records) joined.records.push(one)
    }
    for (const key of keys)
      if (!groupOf.has(key)) {
        groupOf.set(key, joined)
        joined.keys.push(key)
      }
    joined.records.push(record)
  }
  const groups = [...new Set(groupOf.values())]
  const place = new Map(records.map((record, index) => [record, index]))
  return groups
    .map((group) => group.records.toSorted((a, b) => place.get(a)! - place.get(b)!))
    .toSorted(([a], [b]) => place.get(a!)! - place.get(b!)!)
}

interface Group {
  readonly keys: Array<string>
  readonly records: Array<RunRecord>
}

const keysOf = ({ cell: { config, model } }: RunRecord): ReadonlyArray<string> => [
  `weights ${originOf(model)}`,
  `config ${config.id}`,
  `name ${config.name}`,
]
