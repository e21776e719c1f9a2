import { pathToFileURL } from "node:url"
import type { Plugin } from "./FindPlugins.ts"

/** Plugins of which this process has loaded a module, by the folder of each: modules are never unloaded. */
const loaded = new Map<string, string>()

/** To be called before a module of a plugin is loaded. */
export const noteLoaded = ({ folder, name }: Pick<Plugin, "folder" | "name">): void => void loaded.set(folder, name)

/** Names of the plugins of which modules were loaded. */
export const loadedPlugins = (): ReadonlyArray<string> => [...new Set(loaded.values())]

/** The plugin whose code is the nearest in a stack; `undefined` if none is in it. */
export const pluginInStack = (stack: string | undefined): string | undefined => {
  const folders = [...loaded].flatMap(([folder, name]) =>
    [`${pathToFileURL(folder).href}/`, `(${folder}/`, ` ${folder}/`].map((start) => ({ start, name })),
  )
  for (const line of stack?.split("\n") ?? []) {
    const found = folders
      .filter(({ start }) => line.includes(start))
      .toSorted((a, b) => b.start.length - a.start.length)
    if (found[0] !== undefined) return found[0].name
  }
  return undefined
}
