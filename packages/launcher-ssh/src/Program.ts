import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, realpathSync, statSync, symlinkSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { dirname, join, relative } from "node:path"
import { pathToFileURL } from "node:url"

/** A package or the agent, and where it goes. */
interface Placed {
  readonly from: string
  readonly to: string
  readonly files: ReadonlyArray<string>
}

/** This program with its plugins and all that they import, as it goes to a machine that has only Node. */
export interface Program {
  /** Of the names, sizes and times of all files: another build has another one. */
  readonly hash: string
  /** The file to run, from the program's folder. */
  readonly entry: string
  /** The file of the agent to run, likewise. */
  readonly agent: string
  readonly bytes: number
  /** Makes a folder here with links to all its files, and returns their names. */
  readonly stage: (folder: string) => ReadonlyArray<string>
}

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest

/** Real path of the package that a module in `folder` imports by this name; `undefined` if there is none. */
const packageFolder = (name: string, folder: string): string | undefined => {
  try {
    const found = findPackageJSON(name, pathToFileURL(join(folder, "module.js")))
    return found === undefined ? undefined : realpathSync(dirname(found))
  } catch {
    return undefined // what Node throws for a missing package
  }
}

/** The folder of the package that a file lies in. */
const packageOf = (file: string): string => {
  let folder = dirname(realpathSync(file))
  while (!readdirSync(folder).includes("package.json")) folder = dirname(folder)
  return folder
}

/** The agent's folder, which lies beside this file: built, or in TypeScript, which Node runs as it is. */
const AGENT = "agent"
const AGENT_ENTRY = join(AGENT, import.meta.filename.endsWith(".ts") ? "main.ts" : "main.js")

/** What `program` of a `LaunchTarget` is made of: its packages and everything that they depend on, in one folder. */
export const programOf = ({
  entry,
  plugins,
}: {
  readonly entry: string
  readonly plugins: ReadonlyArray<string>
}): Program => {
  const own = packageOf(entry)
  const placed = new Map<string, Placed>()
  const taken = new Map<string, string>()
  const place = (folder: string, parent: string): void => {
    const manifest = manifestOf(folder)
    const top = join("node_modules", manifest.name)
    const to = [undefined, folder].includes(taken.get(top)) ? top : join(parent, "node_modules", manifest.name)
    if (placed.has(to)) return
    taken.set(to, folder)
    placed.set(to, { from: folder, to, files: filesOf(folder, manifest.name) })
    const optional = Object.entries(manifest.peerDependenciesMeta ?? {}).flatMap(([name, meta]) =>
      meta.optional === true ? [name] : [],
    )
    const wanted = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies }
    for (const name of Object.keys(wanted)) {
      const found = optional.includes(name) ? undefined : packageFolder(name, folder)
      if (found !== undefined) place(found, to)
    }
  }
  for (const folder of [own, ...plugins]) place(realpathSync(folder), "")
  const agent = join(import.meta.dirname, AGENT)
  placed.set(AGENT, { from: agent, to: AGENT, files: filesOf(agent, AGENT) })
  const hash = createHash("sha256")
  let bytes = 0
  for (const { files, from, to } of placed.values())
    for (const file of files) {
      const { mtimeMs, size } = statSync(join(from, file))
      bytes += size
      hash.update(`${join(to, file)}\0${size}\0${mtimeMs}\n`)
    }
  return {
    hash: hash.digest("hex").slice(0, 16),
    entry: join("node_modules", manifestOf(own).name, relative(own, realpathSync(entry))),
    agent: AGENT_ENTRY,
    bytes,
    stage: (folder) => {
      const link = (from: string, to: string): void => {
        mkdirSync(dirname(join(folder, to)), { recursive: true })
        symlinkSync(from, join(folder, to))
      }
      for (const { files, from, to } of placed.values())
        // A package with others inside of it gets a folder of its own.
        if ([...placed.keys()].some((other) => other.startsWith(`${to}/`)))
          for (const file of files) link(join(from, file), join(to, file))
        else link(from, to)
      return [...placed.values()].flatMap(({ files, to }) => files.map((file) => join(to, file)))
    },
  }
}

/** Nothing there reads declarations, maps, or the sources of what is built. */
const UNREAD = /\.(?:d\.[cm]?ts|map|md|tsbuildinfo)$/
const SOURCES = ["src", "test", "bench", ".turbo"]

const filesOf = (folder: string, name: string): ReadonlyArray<string> => {
  const isBuilt = name === "effect" || name === "rigbook" || name.startsWith("@rigbook/")
  const walk = (below: string): ReadonlyArray<string> =>
    readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
      const file = join(below, entry.name)
      if (!entry.isDirectory()) return entry.isFile() && !UNREAD.test(file) ? [file] : []
      return entry.name === "node_modules" || (isBuilt && SOURCES.includes(file)) ? [] : walk(file)
    })
  return walk("").toSorted()
}
