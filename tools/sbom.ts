import { execa } from "execa"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

interface Bill {
  readonly metadata: { readonly component: { readonly purl: string } }
  readonly components?: ReadonlyArray<Component>
}

interface Component {
  readonly name: string
  readonly group?: string
  readonly version: string
}

const ROOT = join(import.meta.dirname, "..")

/** What pnpm lists for each published package, by the package's name: CycloneDX, with hashes and licences. */
const bills = async (...which: ReadonlyArray<string>): Promise<ReadonlyMap<string, Bill>> => {
  const folder = mkdtempSync(join(tmpdir(), "rigbook-sbom-"))
  const format = ["--sbom-format", "cyclonedx", "--sbom-spec-version", "1.6", ...which]
  const scope = ["--filter", "./packages/*", "--split", "--out", join(folder, "%s.json")]
  await execa("npx", ["-y", "pnpm@12", "sbom", ...format, ...scope], { cwd: ROOT })
  const read = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Bill)
  rmSync(folder, { recursive: true })
  return new Map(read.map((bill) => [nameOf(bill.metadata.component.purl), bill]))
}

const nameOf = (purl: string): string => decodeURIComponent(/^pkg:npm\/(.+)@/.exec(purl)![1]!)

const idOf = ({ group, name, version }: Component): string =>
  `${group === undefined ? "" : `${group}/`}${name} ${version}`

/** Packages whose code is in our own files: those of NOTICES.txt, each as `name version`. */
export const bundledIn = (dist: string): ReadonlyArray<string> => {
  const path = join(dist, "NOTICES.txt")
  const text = existsSync(path) ? readFileSync(path, "utf8") : ""
  return [...text.matchAll(/(?:^|\n----\n\n)(\S+ \d\S*)\n\n/g)].map(([, id]) => id!)
}

/**
 * Writes a software bill of materials for each published package: what it depends on, and what is bundled into it, which
 * pnpm takes for something that is only needed to build. `to`: where the file of a package goes.
 */
export const writeBills = async (to: (folder: string) => string): Promise<void> => {
  const [needed, all] = await Promise.all([bills("--prod"), bills()])
  for (const folder of readdirSync(join(ROOT, "packages"))) {
    const { name } = JSON.parse(readFileSync(join(ROOT, "packages", folder, "package.json"), "utf8")) as {
      name: string
    }
    const bill = needed.get(name)
    if (bill === undefined) throw new Error(`pnpm sbom lists nothing for ${name}`)
    const components = bill.components ?? []
    const there = new Set(components.map(idOf))
    const bundled = bundledIn(join(ROOT, "packages", folder, "dist")).filter((id) => !there.has(id))
    const added = bundled.map((id) => {
      const found = all.get(name)?.components?.find((one) => idOf(one) === id)
      if (found === undefined) throw new Error(`${name} has ${id} in its NOTICES.txt, which pnpm sbom does not list`)
      return found
    })
    const path = to(folder)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${JSON.stringify({ ...bill, components: [...components, ...added] }, null, 2)}\n`)
  }
}

if (import.meta.main) await writeBills((folder) => join(ROOT, "packages", folder, "dist/sbom.cdx.json"))
