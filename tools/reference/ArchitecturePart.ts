import { type Graph, floorsOf } from "../architecture/Circles.ts"
import { DOORS, type Door } from "../architecture/Doors.ts"
import { doorOf, graphOf, roomOf, short } from "../architecture/Rooms.ts"
import { publicNames, readSources, type Source } from "../architecture/Sources.ts"

const isBackend = ({ name }: Door): boolean => name.startsWith("@rigbook/backend-")

/** Packages and doors as a diagram: an arrow for every import that there is. Those that a longer way leads to are left out. */
export const diagramPart = (root: string): string => {
  const sources = readSources(root)
  const graph = graphOf(sources, (file) => {
    const door = doorOf(file)!
    return isBackend(door) ? "backend-*" : short(door.name)
  })
  const nodes = DOORS.filter((door) => !isBackend(door)).map((door) => {
    const names = publicNames(root, door).size
    const size = `${linesOf(sources.filter(({ file }) => doorOf(file) === door))} lines`
    return `  ${node(short(door.name))}["${short(door.name)}<br/>${size}${names === 0 ? "" : `, ${names} names`}"]`
  })
  return [
    "```mermaid",
    "graph BT",
    ...nodes,
    `  ${node("backend-*")}["backend-*"]`,
    ...arrows(graph).map(([from, to]) => `  ${node(from)} --> ${node(to)}`),
    "```",
  ].join("\n")
}

const node = (name: string): string => name.replaceAll(/\W/g, "_")

const arrows = (graph: Graph): ReadonlyArray<readonly [string, string]> => {
  const reaches = (from: string, to: string): boolean =>
    [...(graph.get(from) ?? [])].some((next) => next === to || reaches(next, to))
  return [...graph]
    .flatMap(([from, targets]) =>
      [...targets]
        .filter((to) => ![...targets].some((other) => other !== to && reaches(other, to)))
        .map((to) => [from, to] as const),
    )
    .toSorted(([a, b], [c, d]) => (`${a} ${b}` < `${c} ${d}` ? -1 : 1))
}

/** Every package and door: for whom it is, how large, and how many names it hands out. */
export const doorsPart = (root: string): string => {
  const sources = readSources(root)
  return [
    "| package, door | for | may import | lines | public names (cap) |",
    "| :-- | :-- | :-- | --: | --: |",
    ...DOORS.map((door) => {
      const names = publicNames(root, door).size
      return `| \`${door.name}\` | ${door.reader} | ${allowed(door)} | ${linesOf(sources.filter(({ file }) => doorOf(file) === door))} | ${names === 0 ? "" : names}${door.cap === undefined ? "" : ` (${door.cap})`} |`
    }),
  ].join("\n")
}

const allowed = ({ imports }: Door): string => imports.map(short).join(", ")

/** To the nearest hundred, so that not every change of a source is one of the docs. */
const linesOf = (sources: ReadonlyArray<Source>): string => {
  const lines = sources.reduce((sum, { lines: of }) => sum + of, 0)
  return lines < 100 ? "under 100" : (Math.round(lines / 100) * 100).toLocaleString("en")
}

/** The rooms of what is shared, from the ground up: each imports only such as stand below it. */
export const roomsPart = (root: string): string => {
  const sources = readSources(root).filter(({ file }) => doorOf(file)?.cap !== undefined)
  const graph = graphOf(sources, roomOf)
  const floors = floorsOf(graph)
  const byFloor = Map.groupBy([...graph.keys()].toSorted(), (room) => floors.get(room)!)
  return [
    "| floor | room | lines | imports |",
    "| --: | :-- | --: | :-- |",
    ...[...byFloor]
      .toSorted(([a], [b]) => a - b)
      .flatMap(([floor, rooms]) =>
        rooms.map((room) => {
          const own = sources.filter(({ file }) => roomOf(file) === room)
          return `| ${floor} | ${room} | ${linesOf(own)} | ${[...graph.get(room)!].toSorted().join(", ")} |`
        }),
      ),
  ].join("\n")
}
