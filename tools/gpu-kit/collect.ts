/** `node collect.ts CHECKOUT OUT`: the CLI and its backends with all that they need at run time, as one `node_modules`. */
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs"
import { dirname, join, sep } from "node:path"

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

const START = ["cli", "core", "reporters", "backend-llamacpp", "backend-sentence-transformers"]
/** Types, maps, texts and tests: nothing that a program reads. */
const SKIPPED =
  /(\.d\.[cm]?ts|\.map|\.tsbuildinfo|\.md|\.markdown|\.flow)$|^(test|tests|bench|docs?|example|examples|\.github|coverage)(\/|$)/i
/** Folders of ours that are published. */
const OURS = /^(dist|python|template|scaffold)(\/|$)/

const [, , checkout, out] = process.argv
if (checkout === undefined || out === undefined) throw new Error("node collect.ts CHECKOUT OUT")
const packages = realpathSync(join(checkout, "packages"))
const placed = new Map<string, string>()
const queue = START.map((name) => join(packages, name))

/** The folder of a package as Node would find it from another. */
const find = (name: string, from: string): string | undefined => {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name)
    if (existsSync(join(candidate, "package.json"))) return realpathSync(candidate)
  }
  return undefined
}

const isKept = (path: string, name: string, isOurs: boolean): boolean => {
  if (path === "" || path === "package.json") return true
  if (path === "node_modules" || path.startsWith("node_modules/")) return false
  if (SKIPPED.test(path) && !/^(python|template|scaffold)\//.test(path)) return false
  if (isOurs) return OURS.test(path)
  return name !== "effect" || !/^src(\/|$)/.test(path)
}

for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
  const from = folder
  const about = JSON.parse(readFileSync(join(from, "package.json"), "utf8")) as Manifest
  const before = placed.get(about.name)
  if (before !== undefined) {
    if (before !== about.version) throw new Error(`two versions of ${about.name}: ${before} and ${about.version}`)
    continue
  }
  placed.set(about.name, about.version)
  const isOurs = from.startsWith(`${packages}${sep}`)
  const to = join(out, "node_modules", about.name)
  mkdirSync(to, { recursive: true })
  cpSync(from, to, {
    recursive: true,
    filter: (path) =>
      isKept(
        path
          .slice(from.length + 1)
          .split(sep)
          .join("/"),
        about.name,
        isOurs,
      ),
  })
  for (const name of Object.keys({
    ...about.dependencies,
    ...about.optionalDependencies,
    ...about.peerDependencies,
  })) {
    const found = find(name, from)
    if (found !== undefined) queue.push(found)
    else if (about.dependencies?.[name] !== undefined)
      throw new Error(`${name}, which ${about.name} needs, is not installed`)
  }
}
