/** What imports what, by name. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>

/** Groups whose members all reach each other: each is a circle. None for a graph without circles. Source: Tarjan (1972). */
export const circlesOf = (graph: Graph): ReadonlyArray<ReadonlyArray<string>> => {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: Array<string> = []
  const circles: Array<ReadonlyArray<string>> = []
  const visit = (node: string): void => {
    index.set(node, index.size)
    low.set(node, index.get(node)!)
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next)
      if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!))
    }
    if (low.get(node) !== index.get(node)) return
    const group = stack.splice(stack.indexOf(node))
    if (group.length > 1) circles.push(group.toSorted())
  }
  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return circles
}

/** Floors from the ground: 1 for what imports nothing, else one above the highest that it imports. The graph has no circle. */
export const floorsOf = (graph: Graph): ReadonlyMap<string, number> => {
  const floors = new Map<string, number>()
  const floorOf = (node: string): number => {
    const known = floors.get(node)
    if (known !== undefined) return known
    const floor = 1 + Math.max(0, ...[...(graph.get(node) ?? [])].map(floorOf))
    floors.set(node, floor)
    return floor
  }
  for (const node of graph.keys()) floorOf(node)
  return floors
}
