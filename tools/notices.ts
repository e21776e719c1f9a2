import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import type { Options } from "tsup"

type Plugin = NonNullable<Options["esbuildPlugins"]>[number]

interface Package {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly folder: string
}

/** The package that a file belongs to: the nearest package.json above it that has a name and a version. */
const packageOf = (file: string): Package => {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, "package.json")
    if (!existsSync(path)) continue
    const { license, name, version } = JSON.parse(readFileSync(path, "utf8")) as Partial<Package>
    if (name !== undefined && version !== undefined)
      return { name, version, folder, ...(license === undefined ? {} : { license }) }
  }
  throw new Error(`${file} belongs to no package`)
}

/** Its licence in full; its name alone where the package has no file with it. */
const licenceOf = ({ folder, license, name }: Package): string => {
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry))
  if (file !== undefined) return readFileSync(join(folder, file), "utf8").trim()
  if (license === undefined) throw new Error(`${name} is bundled and names no licence`)
  return `${license} licence.`
}

/** Writes dist/NOTICES.txt: the licences of the packages of others that are bundled. */
export const notices: Plugin = {
  name: "notices",
  setup(build) {
    build.initialOptions.metafile = true
    const out = build.initialOptions.outdir ?? "dist"
    build.onEnd(({ metafile }) => {
      const files = Object.keys(metafile?.inputs ?? {}).filter((file) => file.includes("node_modules/"))
      const packages = new Map(files.map((file) => packageOf(resolve(file))).map((one) => [one.name, one]))
      if (packages.size === 0) return
      const path = join(out, "NOTICES.txt")
      const text = [...packages.values()]
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((one) => `${one.name} ${one.version}\n\n${licenceOf(one)}\n`)
        .join("\n----\n\n")
      mkdirSync(out, { recursive: true }) // not there yet in a fresh checkout
      // A package that is built in several steps has the notices of each.
      const before = existsSync(path) ? readFileSync(path, "utf8") : ""
      if (!before.includes(text)) writeFileSync(path, before === "" ? text : `${before}\n----\n\n${text}`)
    })
  },
}
