import type { ModelFacts } from "../model/Model.ts"
import type { RunRecord } from "../run/RunRecord.ts"

/** SHA-256 of the file that the weights come from: of the one that they were unpacked from, where they were. */
export const originOf = ({ sha256, unpackedFrom }: ModelFacts): string => unpackedFrom?.sha256 ?? sha256

/**
 * Records by model, each group in the order given: two are of one model when they share weights, config or name, and
 * so is everything that is linked by such pairs.
 */
export const byModel = (records: ReadonlyArray<RunRecord>): ReadonlyArray<ReadonlyArray<RunRecord>> => {
  const groups: Array<{ readonly keys: Set<string>; readonly records: Array<RunRecord> }> = []
  for (const record of records) {
    const joined = { keys: new Set(keysOf(record)), records: [record] }
    for (const group of groups.filter(({ keys }) => keysOf(record).some((key) => keys.has(key)))) {
      groups.splice(groups.indexOf(group), 1)
      for (const key of group.keys) joined.keys.add(key)
      joined.records.push(...group.records)
    }
    groups.push(joined)
  }
  const place = new Map(records.map((record, index) => [record, index]))
  return groups
    .map((group) => group.records.toSorted((a, b) => place.get(a)! - place.get(b)!))
    .toSorted(([a], [b]) => place.get(a!)! - place.get(b!)!)
}

const keysOf = ({ cell: { config, model } }: RunRecord): ReadonlyArray<string> => [
  `weights ${originOf(model)}`,
  `config ${config.id}`,
  `name ${config.name}`,
]
