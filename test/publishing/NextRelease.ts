import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { LoopbackRegistry } from "./LoopbackRegistry.ts"
import { ran, useRegistry } from "./Release.ts"

type Ranges = Readonly<Record<string, string>>
interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Ranges
  readonly peerDependencies?: Ranges
}

/** Names of our packages that are installed in a folder. */
const installedOfOurs = (modules: string): ReadonlyArray<string> => [
  "rigbook",
  ...readdirSync(join(modules, "@rigbook")).map((name) => `@rigbook/${name}`),
]

/**
 * Publishes our packages that are installed in a folder once more, under `next`, as a later release would be: the same
 * files, as `change` makes them, with another version of all.
 */
export const publishAgain = async (
  rig: string,
  to: string,
  registry: LoopbackRegistry,
  version: string,
  change: { readonly only?: string; readonly file?: (text: string) => string } = {},
): Promise<void> => {
  const modules = join(rig, "node_modules")
  for (const name of installedOfOurs(modules)) {
    if (change.only !== undefined && name !== change.only) continue
    const folder = join(to, name)
    useRegistry(folder, registry)
    cpSync(join(modules, name), folder, { recursive: true, filter: (path) => !path.endsWith("/node_modules") })
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest
    const ours = (ranges: Ranges = {}, from = "^") =>
      Object.fromEntries(
        Object.entries(ranges).map(([each, range]) => [
          each,
          each.startsWith("@rigbook/") ? `${from}${version}` : range,
        ]),
      )
    const { dependencies, peerDependencies } = manifest
    const again = {
      ...manifest,
      version,
      dependencies: ours(dependencies),
      peerDependencies: ours(peerDependencies, ">="),
    }
    writeFileSync(join(folder, "package.json"), JSON.stringify({ ...again, scripts: {}, publishConfig: {} }))
    const { file } = change
    if (file !== undefined && existsSync(join(folder, "dist")))
      for (const each of readdirSync(join(folder, "dist")).filter((path) => path.endsWith(".js")))
        writeFileSync(join(folder, "dist", each), file(readFileSync(join(folder, "dist", each), "utf8")))
    await ran(folder, "npm", ["publish", "--tag", "next"])
  }
}
