import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import type { LoopbackRegistry } from "./LoopbackRegistry.ts"
import { ran } from "./Release.ts"

/** What an installation by npm comes to, in bytes. */
export interface Size {
  readonly packages: number
  /** Of all files. */
  readonly bytes: number
  /** Of them, those of effect. */
  readonly effectBytes: number
  /** Of the archives that were fetched. */
  readonly transferred: number
}

/** Installs packages by npm into an empty folder, and measures what came. */
export const installedSize = async (
  folder: string,
  { storage }: LoopbackRegistry,
  packages: ReadonlyArray<string>,
): Promise<Size> => {
  await ran(folder, "npm", ["install", ...packages])
  const lock = JSON.parse(readFileSync(join(folder, "node_modules/.package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly version: string }>>
  }
  const installed = Object.entries(lock.packages).filter(([path]) => existsSync(join(folder, path, "package.json")))
  const archives = installed.map(([path, { version }]) => {
    const name = path.split("node_modules/").at(-1)!
    return lstatSync(join(storage, name, `${basename(name)}-${version}.tgz`)).size
  })
  return {
    packages: installed.length,
    bytes: bytesBelow(join(folder, "node_modules")),
    effectBytes: bytesBelow(join(folder, "node_modules/effect")),
    transferred: archives.reduce((sum, size) => sum + size, 0),
  }
}

const bytesBelow = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { name, parentPath }) => sum + lstatSync(join(parentPath, name)).size, 0)
