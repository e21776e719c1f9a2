import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { DOORS, type Door } from "./Doors.ts"

/** An import of a source file. Paths are from the root of the checkout. */
export interface Import {
  readonly file: string
  /** As it is written. */
  readonly from: string
  /** The file that it leads to; absent for what is not ours. Of a door's import, the file that one of its names comes from. */
  readonly to?: string
}

export interface Source {
  readonly file: string
  readonly lines: number
  readonly imports: ReadonlyArray<Import>
}

const filesBelow = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()

/** An import as it is written: from where, and which names, where it has a list of them. */
export interface Written {
  readonly from: string
  readonly names: ReadonlyArray<string>
}

/** Static imports and re-exports, `import()` and the `require` that createRequire gives. */
export const importsOf = (text: string): ReadonlyArray<Written> => [
  ...[...text.matchAll(/^\s*(?:import|export)\s([^"'`;]*?)\sfrom\s*["']([^"']+)["']/gm)].map(([, clause, from]) => ({
    from: from!,
    names: namesIn(clause!),
  })),
  ...[
    /^\s*import\s+["']([^"']+)["']/gm,
    /\bimport\(\s*["']([^"']+)["']\s*\)/g,
    /\bcreateRequire\(import\.meta\.url\)\(\s*["']([^."'][^"']*)["']\s*\)/g,
  ].flatMap((pattern) => [...text.matchAll(pattern)].map(([, from]) => ({ from: from!, names: [] }))),
]

/** Of `{ a, type b as c }`: a, b. */
const namesIn = (clause: string): ReadonlyArray<string> =>
  (/\{([^}]*)\}/.exec(clause)?.[1] ?? "")
    .split(",")
    .map((name) => name.trim().replace(/^type\s+/, ""))
    .map((name) => name.split(/\s+as\s+/)[0]!)
    .filter((name) => name !== "")

const EXPORTED = /^export (?:declare )?(?:abstract )?(?:const|class|interface|type|function|enum|let) (\w+)/gm

/** The public names of a door's barrel, each with the file that declares it. What it hands on of another door counts there. */
export const publicNames = (root: string, { folder }: Door): ReadonlyMap<string, string> => {
  const names = new Map<string, string>()
  const barrel = join(root, folder, "index.ts")
  let text = ""
  try {
    text = readFileSync(barrel, "utf8")
  } catch {
    return names // a program: nothing to import
  }
  for (const [, clause, from] of text.matchAll(/^export (?:type )?(\*|\{[^}]*\}) from "([^"]+)"/gm)) {
    const file = join(dirname(barrel), from!)
    if (DOORS.some((door) => join(root, door.folder, "index.ts") === file)) continue
    const each =
      clause === "*" ? [...readFileSync(file, "utf8").matchAll(EXPORTED)].map(([, name]) => name!) : namesIn(clause!)
    for (const name of each) names.set(name, relative(root, file))
  }
  return names
}

/** Every source file of every door, with its imports followed to files. */
export const readSources = (root: string): ReadonlyArray<Source> => {
  const barrels = new Map(DOORS.map((door) => [door.name, publicNames(root, door)]))
  return [...new Set(DOORS.flatMap(({ folder }) => filesBelow(join(root, folder))))].map((path): Source => {
    const text = readFileSync(path, "utf8")
    const file = relative(root, path)
    return {
      file,
      lines: text.split("\n").length - 1,
      imports: importsOf(text).flatMap(({ from, names }): ReadonlyArray<Import> => {
        if (from.startsWith(".")) return [{ file, from, to: relative(root, join(dirname(path), from)) }]
        const targets = names.flatMap((name) => barrels.get(from)?.get(name) ?? [])
        return targets.length === 0 ? [{ file, from }] : [...new Set(targets)].map((to) => ({ file, from, to }))
      }),
    }
  })
}
