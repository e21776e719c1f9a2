import { existsSync, realpathSync } from "node:fs"
import { dirname, join, resolve, sep } from "node:path"

/** The file that makes a folder a workspace. */
export const WORKSPACE_FILE = "rigbook.yaml"

/** Folders that were found to be in a workspace, and its root: a registry is thousands of files of one. */
const known = new Map<string, string>()

/** The nearest folder from `folder` upwards that is a workspace; `undefined` if there is none. */
const rootOf = (folder: string): string | undefined => {
  const root = known.get(folder)
  if (root !== undefined) return root
  if (existsSync(join(folder, WORKSPACE_FILE))) return folder
  const above = dirname(folder)
  const found = above === folder ? undefined : rootOf(above)
  if (found !== undefined) known.set(folder, found)
  return found
}

/**
 * Whether a file that is named by a path inside a workspace lies outside it: the file or a folder on the way to it is a
 * link. A path that is in no workspace was named by somebody, so it leaves none.
 */
export const leavesWorkspace = (path: string): boolean => {
  const root = rootOf(dirname(resolve(path)))
  if (root === undefined) return false
  const base = realpathSync.native(root)
  return !realpathSync.native(path).startsWith(base === sep ? base : base + sep)
}
