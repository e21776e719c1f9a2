import { type Plugin, PluginError } from "@rigbook/core"
import { realpathSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

/** Packages of which a plugin and this program have to have the same copy: errors and schemas are known by it. */
const SHARED = ["@rigbook/core", "effect"] as const

/** Why a plugin would not understand this program: a shared package is missing for it, or is another copy. */
export const sharingProblem = ({ folder, name }: Plugin): PluginError | undefined => {
  for (const shared of SHARED) {
    const theirs = folderOf(shared, join(folder, "package.json"))
    const ours = folderOf(shared, import.meta.url)
    if (theirs === undefined)
      return new PluginError({
        plugin: name,
        detail: `it does not find ${shared}.`,
        fix: `Install ${shared} beside it.`,
      })
    if (theirs !== ours)
      return new PluginError({
        plugin: name,
        detail: `it has a copy of ${shared} of its own, in ${theirs}.`,
        fix: `Have it ask for ${shared} in peerDependencies, and install both in one place.`,
      })
  }
  return undefined
}

const folderOf = (name: string, from: string): string | undefined => {
  try {
    return realpathSync(dirname(createRequire(from).resolve(`${name}/package.json`)))
  } catch {
    return undefined
  }
}
