import type { Graph } from "./Circles.ts"
import { DOORS, type Door } from "./Doors.ts"
import type { Import, Source } from "./Sources.ts"

/** The door that a file belongs to: the one whose folder is the longest that it lies in. */
export const doorOf = (file: string): Door | undefined =>
  DOORS.filter(({ folder }) => file.startsWith(`${folder}/`)).toSorted((a, b) => b.folder.length - a.folder.length)[0]

/**
 * The room of a file: its folder below the door. A file at the top of a door is a room of its own, and so is the barrel,
 * which imports every room.
 */
export const roomOf = (file: string): string => {
  const door = doorOf(file)
  if (door === undefined) return file
  const [first = "", ...rest] = file.slice(door.folder.length + 1).split("/")
  return `${short(door.name)}/${rest.length === 0 ? first.replace(/\.ts$/, "") : first}`
}

export const short = (name: string): string => name.replace("@rigbook/", "")

const isBarrel = (file: string): boolean => DOORS.some(({ folder }) => file === `${folder}/index.ts`)

/** Imports from group to group, by what `groupOf` calls a file; those inside of a group are left out. */
export const graphOf = (sources: ReadonlyArray<Source>, groupOf: (file: string) => string): Graph => {
  const graph = new Map<string, Set<string>>()
  for (const { file, imports } of sources) {
    const from = groupOf(file)
    if (isBarrel(file)) continue // hands out, and uses nothing
    const to = graph.get(from) ?? new Set<string>()
    graph.set(from, to)
    for (const { to: target } of imports)
      if (target !== undefined && doorOf(target) !== undefined && groupOf(target) !== from) to.add(groupOf(target))
  }
  return graph
}

/** Why an import is against the plan, in a sentence with both rooms; `undefined` for one that is allowed. */
export const trespass = ({ file, from, to }: Import): string | undefined => {
  const own = doorOf(file)!
  if (from.startsWith(".")) {
    const other = doorOf(to!)
    if (other === own) return undefined
    // A package's main door may hand on what its other doors have.
    if (other !== undefined && isBarrel(file) && isBarrel(to!) && packageOf(other) === packageOf(own)) return undefined
    // A package's doors import each other's files, where the plan lets them.
    if (other !== undefined && packageOf(other) === packageOf(own))
      return own.imports.includes(other.name) && !isBarrel(to!) ? undefined : sentence(file, from, roomOf(to!))
    return sentence(file, from, to!)
  }
  const other = DOORS.find(({ name }) => name === from)
  if (other === undefined)
    return /^(?:@rigbook\/|rigbook(?:\/|$))/.test(from) ? `${file} imports ${from}, which is no door.` : undefined
  if (packageOf(other) === packageOf(own)) return `${file} imports its own package by name: import the file.`
  return own.imports.includes(from) ? undefined : sentence(file, from, to === undefined ? from : roomOf(to))
}

/** The folder of the package that a door belongs to. */
export const packageOf = ({ folder }: Door): string => folder.split("/")[1]!

const sentence = (file: string, from: string, other: string): string =>
  `${roomOf(file)} may not import ${other}: ${file} imports ${from}.`
