import { PluginError } from "@rigbook/core"
import type { Plugin } from "@rigbook/runner"
import { realpathSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { dirname, join, relative, sep } from "node:path"
import { pathToFileURL } from "node:url"

/** Packages of which a plugin and this program have to have the same copy: errors and schemas are known by it. */
const SHARED = ["@rigbook/core", "effect"] as const

/** Why a plugin would not understand this program: a shared package is missing for it, or is another copy. */
export const sharingProblem = ({ folder, name }: Plugin): PluginError | undefined => {
  for (const shared of SHARED) {
    const theirs = packageFolder(shared, folder)
    const ours = packageFolder(shared, import.meta.dirname)
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
        fix: folder.split(sep).includes("node_modules")
          ? `Have it ask for ${shared} in peerDependencies, and install both in one place.`
          : `It is a folder with an installation of its own: use the rigbook of that one, or install the plugin here as others will: npm install --install-links ${relative(process.cwd(), folder) || "."}`,
      })
  }
  return undefined
}

/** Real path of the package that a module in `folder` would import by this name; `undefined` where there is none. */
export const packageFolder = (name: string, folder: string): string | undefined => {
  try {
    const found = findPackageJSON(name, pathToFileURL(join(folder, "module.js")))
    return found === undefined ? undefined : realpathSync(dirname(found))
  } catch {
    return undefined // what Node throws for a package that is not there
  }
}
