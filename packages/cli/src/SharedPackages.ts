import { PluginError } from "@rigbook/core"
import type { Plugin } from "@rigbook/runner"
import { realpathSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { dirname, join, relative, sep } from "node:path"
import { pathToFileURL } from "node:url"

/** Packages that a plugin and this program must share as one copy: errors and schemas are recognized by it. */
const SHARED = ["@rigbook/core", "effect"] as const

/** Why a plugin is incompatible with this program: it misses a shared package, or has another copy of it. */
export const sharingProblem = ({ folder, name }: Plugin): PluginError | undefined => {
  for (const shared of SHARED) {
    const theirs = packageFolder(shared, folder)
    const ours = packageFolder(shared, import.meta.dirname)
    if (theirs === undefined)
      return new PluginError({
        plugin: name,
        detail: `it can't find ${shared}.`,
        fix: `Install ${shared} beside it.`,
      })
    if (theirs !== ours)
      return new PluginError({
        plugin: name,
        detail: `it has its own copy of ${shared}, in ${theirs}.`,
        fix: folder.split(sep).includes("node_modules")
          ? `List ${shared} in its peerDependencies, and install both in one place.`
          : `It is a folder with its own installation: use the rigbook installed there, or install the plugin here as users will: npm install --install-links ${relative(process.cwd(), folder) || "."}`,
      })
  }
  return undefined
}

/** Real path of the package that a module in `folder` would import by this name; `undefined` if there is none. */
export const packageFolder = (name: string, folder: string): string | undefined => {
  try {
    const found = findPackageJSON(name, pathToFileURL(join(folder, "module.js")))
    return found === undefined ? undefined : realpathSync(dirname(found))
  } catch {
    return undefined // what Node throws for a missing package
  }
}
