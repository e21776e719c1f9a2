import type { ModelFacts, RunRecord } from "@rigbook/core"

/** SHA-256 of the file that the weights come from: of the original one if they were unpacked. */
export const originOf = ({ sha256, unpackedFrom }: ModelFacts): string => unpackedFrom?.sha256 ?? sha256

/**
 * Records by model, each group in the order given: two are of one model when they share weights, config or name, and
 * so is everything that is linked by such pairs.
 */
export const byModel = (records: ReadonlyArray<RunRecord>): ReadonlyArray<ReadonlyArray<RunRecord>> => {
  /** For each key the representative of all keys linked to it, or another key on the path to it. */
  const links = new Map<string, string>()
  const rootOf = (key: string): string => {
    let root = key
    for (let next = links.get(root); next !== undefined && next !== root; next = links.get(root)) root = next
    links.set(key, root)
    return root
  }
  for (const record of records) {
    const [first, ...others] = keysOf(record)
    for (const other of others) links.set(rootOf(other), rootOf(first))
  }
  // In the order in which a group's first record comes.
  return [...Map.groupBy(records, (record) => rootOf(keysOf(record)[0])).values()]
}

const keysOf = ({ cell: { config, model } }: RunRecord): readonly [string, ...ReadonlyArray<string>] => [
  `weights ${originOf(model)}`,
  `config ${config.id}`,
  `name ${config.name}`,
]
