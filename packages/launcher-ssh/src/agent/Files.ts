import { mkdirSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"

/** Bytes of a file, or of all files of a folder. */
const bytesOf = (path: string): number => {
  const found = statSync(path)
  if (!found.isDirectory()) return found.size
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** Where these files and folders really lie, past all links, and how large they are; `null` for one that is not there. */
export const files = (paths: ReadonlyArray<string>): ReadonlyArray<object | null> =>
  paths.map((path) => {
    try {
      return { place: realpathSync(path), bytes: bytesOf(path) }
    } catch {
      return null
    }
  })

/** Makes a model that is kept by its hash available at a path of a workspace. */
export const link = ({ path, target }: { readonly path: string; readonly target: string }): object => {
  mkdirSync(dirname(path), { recursive: true })
  rmSync(path, { recursive: true, force: true })
  symlinkSync(target, path)
  return {}
}
