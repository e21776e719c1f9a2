import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { bundledIn, writeBills } from "../tools/sbom.ts"

const PACKAGES = join(import.meta.dirname, "../packages")
const folder = mkdtempSync(join(tmpdir(), "rigbook-bills-"))

interface Bill {
  readonly bomFormat: string
  readonly components: ReadonlyArray<{
    readonly name: string
    readonly group?: string
    readonly version: string
    readonly purl: string
    readonly externalReferences?: ReadonlyArray<{ readonly hashes?: ReadonlyArray<object> }>
  }>
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly files: ReadonlyArray<string>
}

beforeAll(() => writeBills((name) => join(folder, `${name}.json`)))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("a bill of materials", () => {
  it.for(readdirSync(PACKAGES))("lists what %s depends on and what is bundled into it, with hashes", (name) => {
    const { bomFormat, components } = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Bill
    assert.strictEqual(bomFormat, "CycloneDX")
    const listed = new Map(
      components.map((one) => [`${one.group === undefined ? "" : `${one.group}/`}${one.name}`, one]),
    )
    const manifest = JSON.parse(readFileSync(join(PACKAGES, name, "package.json"), "utf8")) as Manifest
    const bundled = bundledIn(join(PACKAGES, name, "dist"))
    assert.includeMembers([...listed.keys()], Object.keys(manifest.dependencies ?? {}))
    assert.includeMembers(
      [...listed].map(([id, { version }]) => `${id} ${version}`),
      [...bundled],
    )
    for (const [id, { externalReferences = [] }] of listed)
      if (!/^(@rigbook\/|rigbook$)/.test(id))
        assert.isNotEmpty(
          externalReferences.flatMap(({ hashes = [] }) => hashes),
          id,
        )
    assert.include(manifest.files, "dist", "the bill is published with the rest of dist")
  })

  it("has something bundled to list", () => assert.isNotEmpty(bundledIn(join(PACKAGES, "core/dist"))))
})
