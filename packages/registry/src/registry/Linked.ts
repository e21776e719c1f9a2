/**
 * Groups in the order in which their first member comes: two are together when they share a key, and so is everything
 * that is linked by such pairs.
 */
export const linked = <A>(
  members: ReadonlyArray<A>,
  keysOf: (member: A) => ReadonlyArray<string>,
): ReadonlyArray<ReadonlyArray<A>> => {
  /** For each key the one that stands for all keys that are linked to it, or another on the way there. */
  const links = new Map<string, string>()
  const rootOf = (key: string): string => {
    let root = key
    for (let next = links.get(root); next !== undefined && next !== root; next = links.get(root)) root = next
    links.set(key, root)
    return root
  }
  const keyed = members.map((member) => ({ member, keys: keysOf(member) }))
  for (const { keys } of keyed) {
    const [first = "", ...others] = keys
    for (const other of others) links.set(rootOf(other), rootOf(first))
  }
  return [...Map.groupBy(keyed, ({ keys: [first = ""] }) => rootOf(first)).values()].map((group) =>
    group.map(({ member }) => member),
  )
}
