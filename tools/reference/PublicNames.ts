import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { API } from "typescript/unstable/sync"
import { doorOf } from "../architecture/Rooms.ts"
import { descriptionsOf } from "./Descriptions.ts"
import { NameReader } from "./NameReader.ts"
import type { PublicName } from "./PublicName.ts"

/** A door: what is imported by one name. */
export interface Entry {
  /** As it is imported: `@rigbook/core`. */
  readonly name: string
  readonly names: ReadonlyArray<PublicName>
  /** What modules of it export that tables of the docs are made of, whether that is public or not. */
  readonly tabled: ReadonlyArray<PublicName>
}

const ROOT = join(import.meta.dirname, "../..")

/** Modules that docs/methodology.md describes name by name. */
const TABLED = "src/statistics/*.ts"

/** Every public name of every package, or of one by its folder, from the sources and by the compiler itself; packages and names in order. */
export const readPublicNames = async (only = "*"): Promise<ReadonlyArray<Entry>> => {
  const api = new API({ cwd: ROOT })
  try {
    const entries: Array<Entry> = []
    for (const manifest of globSync(`packages/${only}/package.json`, { cwd: ROOT }).toSorted()) {
      const folder = join(ROOT, dirname(manifest))
      const sources = sourcesOf(folder)
      if (sources.length === 0) continue // a program, with nothing to import
      const config = join(folder, "tsconfig.build.json")
      const project = api.updateSnapshot({ openProject: config }).getProject(config)
      if (project === undefined) throw new Error(`The compiler does not open ${config}.`)
      const reader = new NameReader(project, folder)
      for (const { file, name } of sources) {
        const values = (await import(file)) as Readonly<Record<string, unknown>>
        entries.push({
          name,
          names: reader
            .namesOf(file)
            .filter((each) => !isHandedOn(name, each))
            .map((each) => described(each, values[each.name])),
          tabled: globSync(TABLED, { cwd: folder })
            .toSorted()
            .flatMap((module) => reader.namesOf(join(folder, module))),
        })
      }
    }
    return entries
  } finally {
    api.close()
  }
}

/** Whether a package's main door only hands on what is described at another one. */
const isHandedOn = (name: string, { file }: PublicName): boolean => {
  const door = doorOf(file)?.name ?? name
  return door !== name && door.startsWith(`${name}/`)
}

/** With what a schema's annotations say of its fields, where no docstring does. */
const described = (name: PublicName, value: unknown): PublicName => {
  const descriptions = descriptionsOf(value)
  const fields = name.fields.map((field) => ({ ...field, doc: field.doc || (descriptions.get(field.name) ?? "") }))
  return { ...name, fields }
}

const sourcesOf = (folder: string): ReadonlyArray<{ readonly name: string; readonly file: string }> => {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly name: string
    readonly exports?: Readonly<Record<string, string | { readonly "@rigbook/source"?: string }>>
  }
  return Object.entries(manifest.exports ?? {}).flatMap(([path, target]) =>
    typeof target === "object" && target["@rigbook/source"] !== undefined
      ? [{ name: manifest.name + path.slice(1), file: join(folder, target["@rigbook/source"]) }]
      : [],
  )
}
