import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** Rigbook's folder on this machine. */
export const HOME = process.argv[2] ?? ""
export const UNITS = join(HOME, "units")

/** How a worker ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: string | null
  readonly cancelled?: boolean
  /** Nobody knows how it ended. */
  readonly lost?: boolean
}

/** Where a unit's files are. */
export const at = (name: string, file = ""): string => join(UNITS, name, file)

/** Names of all units that are kept. */
export const unitNames = (): ReadonlyArray<string> => (existsSync(UNITS) ? readdirSync(UNITS) : [])

export const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}

/** Readers find the whole text or none. */
export const write = (path: string, text: string): void => {
  const partial = `${path}.${process.pid}`
  writeFileSync(partial, text)
  renameSync(partial, path)
}

export const endingOf = (name: string): Ending | undefined => {
  const text = read(at(name, "ending.json"))
  return text === undefined ? undefined : (JSON.parse(text) as Ending)
}

export const end = (name: string, ending: Ending): void => write(at(name, "ending.json"), JSON.stringify(ending))
