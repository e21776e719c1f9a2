import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { at, endingOf, HOME, read, UNITS, write } from "./Unit.ts"

const REMOVED = join(HOME, "removed")

/** Keeps that all that a unit measured was brought home, where it is verified. */
export const collected = ({ name }: { readonly name: string }): object => {
  if (endingOf(name) !== undefined) write(at(name, "collected"), "")
  return {}
}

/**
 * Removes units of a workspace that were collected, and attempts before those, but for the ones that are still named by who
 * submitted them. Their records stay.
 */
export const tidy = ({ kept, root }: { readonly kept: ReadonlyArray<string>; readonly root: string }): object => {
  const attempt = (name: string) => Number(/\d+$/.exec(name)?.[0])
  const unit = (name: string) => name.replace(/-a\d+$/, "")
  const own = readdirSync(UNITS).filter((name) => {
    const place = read(at(name, "place.json"))
    return place !== undefined && (JSON.parse(place) as { root: string }).root === root
  })
  const isCollected = (name: string): boolean =>
    own.some(
      (other) => unit(other) === unit(name) && attempt(other) >= attempt(name) && existsSync(at(other, "collected")),
    )
  const removed = own.filter((name) => endingOf(name) !== undefined && !kept.includes(name) && isCollected(name))
  mkdirSync(REMOVED, { recursive: true })
  // The latest attempt goes last: it is what says so of those before.
  for (const name of removed.toSorted((a, b) => attempt(a) - attempt(b))) putAside(name)
  // Also what one that was killed has left.
  for (const name of readdirSync(REMOVED)) rmSync(join(REMOVED, name), { recursive: true, force: true, maxRetries: 5 })
  return {}
}

/** At once, or a unit of which half is gone would pass as one that has not begun. */
const putAside = (name: string): void => {
  try {
    renameSync(at(name), join(REMOVED, `${name}.${process.pid}`))
  } catch (error) {
    // Another process has done it.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error
  }
}
