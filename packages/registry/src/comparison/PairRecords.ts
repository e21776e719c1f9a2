import type { Comparable } from "./Comparable.ts"

/** Records of two sets, side by side. */
export interface Pairing<Record extends Comparable = Comparable> {
  readonly pairs: ReadonlyArray<readonly [a: Record, b: Record]>
  /** Records without a counterpart. */
  readonly onlyInA: ReadonlyArray<Record>
  readonly onlyInB: ReadonlyArray<Record>
}

/**
 * What two records may have in common, from most to least. It does not distinguish records of one set that share it.
 */
const KEYS: ReadonlyArray<(record: Comparable) => unknown> = [
  ({ cell: { backend, config, host, placement, scenario } }) => [
    config.id,
    backend,
    placement,
    scenario,
    host.fingerprint,
  ],
  ({ cell: { backend, config, placement, scenario } }) => [config.id, backend, placement, scenario],
  ({ cell: { backend, placement, scenario } }) => [backend, placement, scenario],
  ({ cell: { backend, scenario } }) => [backend, scenario],
  ({ cell: { placement, scenario } }) => [placement, scenario],
  ({ cell: { scenario } }) => [scenario],
]

/**
 * Finds for each record of one set its counterpart in the other: first the same cell, then records that differ in ever
 * more, as long as there is exactly one on both sides. Two single records are always a pair. With
 * `sameModel`, for two registries, a model is only compared with itself.
 */
export const pairRecords = (
  a: ReadonlyArray<Comparable>,
  b: ReadonlyArray<Comparable>,
  { sameModel = false }: { readonly sameModel?: boolean } = {},
): Pairing => {
  const found = pairBy(a, b, sameModel ? KEYS.slice(0, 2) : KEYS)
  return !sameModel && a.length === 1 && b.length === 1 && found.pairs.length === 0
    ? { pairs: [[a[0]!, b[0]!]], onlyInA: [], onlyInB: [] }
    : found
}

/** The same by these keys, one after the other. Pure. */
export const pairBy = <Record extends Comparable>(
  a: ReadonlyArray<Record>,
  b: ReadonlyArray<Record>,
  keys: ReadonlyArray<(record: Record) => unknown>,
): Pairing<Record> => {
  const pairs: Array<readonly [Record, Record]> = []
  const left = new Set(a)
  const right = new Set(b)
  const pair = (one: Record, other: Record): void => {
    pairs.push([one, other])
    left.delete(one)
    right.delete(other)
  }
  for (const key of keys) {
    const others = groups(right, key)
    for (const [name, records] of groups(left, key)) {
      const [one, other] = [records, others.get(name) ?? []]
      if (one.length === 1 && other.length === 1) pair(one[0]!, other[0]!)
    }
  }
  return { pairs, onlyInA: [...left], onlyInB: [...right] }
}

const groups = <Record>(records: Iterable<Record>, key: (record: Record) => unknown) =>
  Map.groupBy(records, (record) => JSON.stringify(key(record)))
