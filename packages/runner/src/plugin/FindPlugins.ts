import {
  CONTRACT,
  OLDEST_CONTRACT,
  PluginError,
  PluginManifest,
  VERSION,
  FILE_LIMITS,
  readTextIfAny,
} from "@rigbook/core"
import { decodeAt, parseConfigFile } from "@rigbook/records"
import { Effect, FileSystem, Predicate, Result } from "effect"
import { dirname, join, relative, resolve } from "node:path"

/** A package that has a manifest, valid or not. */
export interface PluginPackage {
  /** Name of its package. */
  readonly name: string
  readonly version: string
  /** Real path of the package's root. */
  readonly folder: string
  /** Where it was found: rigbook.yaml, a node_modules above the workspace, or one above the program. */
  readonly origin: "named" | "workspace" | "program"
}

/** An installed package that provides something, as its package.json says. It is not loaded. */
export interface Plugin extends PluginPackage {
  readonly manifest: PluginManifest
}

/** A package that should provide something, and why it can't. */
export interface BrokenPlugin extends PluginPackage {
  readonly problem: PluginError
}

/** Where plugins are searched. */
export interface PluginSearch {
  /** The workspace's root. Its node_modules is searched, and each one above it. */
  readonly root: string
  /** Names of packages, and folders by their path from `root`: `plugins` of rigbook.yaml. */
  readonly named?: ReadonlyArray<string>
  /** Folder of the program's own code: the node_modules above it are searched, too. */
  readonly program?: string
}

/**
 * The plugins that are installed: those that rigbook.yaml names, then those next to the workspace, then those next to
 * the program. Of two packages with the same name the first counts. Only package.json files are read.
 */
export const findPlugins = Effect.fn("FindPlugins.findPlugins")(function* ({
  named = [],
  program,
  root,
}: PluginSearch) {
  const above = modulesAbove(root)
  const byName = yield* Effect.forEach(named, (name) => namedPlugin(root, above, name))
  const installed = yield* Effect.forEach(above, (folder) => pluginsIn(folder, "workspace"))
  const beside = yield* Effect.forEach(
    program === undefined ? [] : modulesAbove(program).filter((folder) => !above.includes(folder)),
    (folder) => pluginsIn(folder, "program"),
  )
  const found = [...byName, ...installed.flat(), ...beside.flat()]
  return [...Map.groupBy(found, ({ name }) => name).values()].map(([first]) => first!)
})

/** Where Node looks for the packages that a file in `folder` imports, nearest first. */
const modulesAbove = (folder: string): ReadonlyArray<string> => {
  const parents = [folder]
  while (dirname(parents.at(-1)!) !== parents.at(-1)!) parents.push(dirname(parents.at(-1)!))
  return parents.filter((parent) => !parent.endsWith("node_modules")).map((parent) => join(parent, "node_modules"))
}

const pluginsIn = Effect.fnUntraced(function* (modules: string, origin: PluginPackage["origin"]) {
  const names = (yield* entries(modules)).filter((name) => !name.startsWith("."))
  const scoped = yield* Effect.forEach(names, (name) =>
    name.startsWith("@")
      ? Effect.map(entries(join(modules, name)), (inner) => inner.map((own) => join(name, own)))
      : Effect.succeed([name]),
  )
  const plugins = yield* Effect.forEach(scoped.flat(), (name) => readPlugin(join(modules, name), origin), {
    concurrency: 16,
  })
  return plugins.filter((plugin) => plugin !== undefined)
})

const entries = (folder: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.orElseSucceed(fs.readDirectory(folder), (): ReadonlyArray<string> => []),
  )

/** A folder where the name is a path, else the package of that name in the nearest node_modules that has it. */
const namedPlugin = Effect.fnUntraced(function* (root: string, above: ReadonlyArray<string>, name: string) {
  const isPath = /^(\.{0,2}\/|\.{1,2}$)/.test(name)
  const folders = isPath ? [resolve(root, name)] : above.map((modules) => join(modules, name))
  for (const folder of folders) {
    const found = yield* readPlugin(folder, "named")
    if (found !== undefined) return found
  }
  const problem = new PluginError({
    plugin: name,
    detail: "rigbook.yaml names it, but no plugin of that name is found.",
    fix: isPath ? "Its folder needs a package.json with a rigbook manifest." : "Install it, or remove it from plugins.",
  })
  return { name, version: "–", folder: folders[0]!, origin: "named", problem } satisfies BrokenPlugin
})

/** The plugin in a package's folder; `undefined` if there is no package, or it is no plugin. */
export const readPlugin = Effect.fn("FindPlugins.readPlugin")(function* (
  folder: string,
  origin: PluginPackage["origin"],
): Effect.fn.Return<Plugin | BrokenPlugin | undefined, never, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const file = join(folder, "package.json")
  const read = yield* Effect.result(readTextIfAny(file, FILE_LIMITS.manifest))
  if (Result.isFailure(read) && origin === "named") {
    const { detail, fix } = read.failure
    const problem = new PluginError({ plugin: folder, detail: `${file} ${detail}.`, fix })
    return { name: folder, version: "–", folder, origin, problem } satisfies BrokenPlugin
  }
  const text = Result.isSuccess(read) ? (read.success ?? "") : ""
  // Most packages are no plugins; this avoids parsing them.
  if (!text.includes('"rigbook"')) return undefined
  const json = parsed(text)
  if (!Predicate.hasProperty(json, "rigbook")) return undefined
  const real = yield* Effect.orElseSucceed(fs.realPath(folder), () => folder)
  const reported = (key: "name" | "version") => {
    const value = Predicate.hasProperty(json, key) ? json[key] : undefined
    return Predicate.isString(value) && value !== "" ? value : undefined
  }
  const name = reported("name") ?? folder
  const self: PluginPackage = { name, version: reported("version") ?? "–", folder: real, origin }
  const broken = (detail: string, fix: string): BrokenPlugin => ({
    ...self,
    problem: new PluginError({ plugin: name, detail, fix }),
  })
  const contract = Predicate.hasProperty(json.rigbook, "contract") ? json.rigbook.contract : undefined
  if (Predicate.isNumber(contract) && (contract > CONTRACT || contract < OLDEST_CONTRACT))
    return broken(
      `${self.version} is written for contract ${contract} of Rigbook's plugins; Rigbook ${VERSION} has contract ${CONTRACT}.`,
      contract > CONTRACT
        ? "Update Rigbook, or install an older version of the plugin."
        : "Install a newer version of the plugin.",
    )
  const decoded = decodeAt(
    parseConfigFile(text, relative(process.cwd(), file)),
    ["rigbook"],
    PluginManifest,
    json.rigbook,
  )
  if (Result.isSuccess(decoded)) return { ...self, manifest: decoded.success }
  const { column, file: shown, line, message, path } = decoded.failure[0]!
  return broken(
    `its manifest is invalid: ${shown}:${line}:${column}: ${path}: ${message}`.replace(/[^?]$/, "$&."),
    "Report it to its author; `rigbook schema plugin` shows what a manifest may contain.",
  )
})

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // no such package can be installed
  }
}
