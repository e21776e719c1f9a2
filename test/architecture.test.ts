import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import type { Options } from "tsup"

const ROOT = fileURLToPath(new URL("..", import.meta.url))

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** An import of a source file: from where, and what. */
interface Import {
  readonly file: string
  readonly from: string
}

const filesBelow = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))

/** Static imports and re-exports, `import()` and the `require` that createRequire gives. */
const importsOf = (text: string): ReadonlyArray<string> =>
  [
    /^\s*(?:import|export)\s[^"'`;]*?\sfrom\s*["']([^"']+)["']/gm,
    /^\s*import\s+["']([^"']+)["']/gm,
    /\bimport\(\s*["']([^"']+)["']\s*\)/g,
    /\bcreateRequire\(import\.meta\.url\)\(\s*["']([^."'][^"']*)["']\s*\)/g,
  ].flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1]!))

const packageOf = (from: string): string =>
  from
    .split("/")
    .slice(0, from.startsWith("@") ? 2 : 1)
    .join("/")

/** What a package's build takes into its own files, so that nobody has to install it. */
const bundledBy = async (root: string): Promise<ReadonlyArray<RegExp>> => {
  const { default: config } = (await import(join(root, "tsup.config.ts"))) as { readonly default: Options | Options[] }
  return [config].flat().flatMap(({ noExternal = [] }) => noExternal.filter((name) => name instanceof RegExp))
}

const readPackage = async (folder: string) => {
  const root = join(ROOT, "packages", folder)
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest
  const imports: ReadonlyArray<Import> = filesBelow(join(root, "src")).flatMap((file) =>
    importsOf(readFileSync(file, "utf8")).map((from) => ({ file, from })),
  )
  const bare = imports.filter(({ from }) => !from.startsWith("."))
  const bundled = await bundledBy(root)
  const inBuild = Object.entries(manifest.devDependencies ?? {}).filter(
    ([name]) => bundled.some((pattern) => pattern.test(name)) && bare.some(({ from }) => packageOf(from) === name),
  )
  const declared = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
    ...Object.fromEntries(inBuild),
  }
  return { folder, root, manifest, imports, bare, declared, own: manifest.name }
}

const packages = await Promise.all(readdirSync(join(ROOT, "packages")).map(readPackage))
const place = ({ file, from }: Import): string => `${relative(ROOT, file)} imports ${from}`

/** What a package of ours may import of the others. */
const mayImport = (own: string, other: string): boolean => {
  const kind = (name: string) =>
    name
      .replace("@rigbook/", "")
      .replace(/^backend-.*/, "backend")
      .replace(/^rigbook$/, "cli")
  const allowed: Record<string, ReadonlyArray<string>> = {
    core: [],
    reporters: ["core"],
    backend: ["core"],
    testkit: ["core"],
    cli: ["core", "reporters"], // backends are plugins: nothing names them
  }
  return allowed[kind(own)]?.includes(kind(other)) ?? false
}

describe("importsOf", () => {
  it("finds imports of every form", () => {
    const text = `import { a } from "a"
import type { b } from "@scope/b/deep"
import {
  c,
} from "./c.ts"
import "d"
export * from "e"
export { f } from 'f'
const g = await import("g")
const h = createRequire(import.meta.url)("h")
// it comes from "nowhere", and import x is no import
`
    assert.sameMembers([...importsOf(text)], ["a", "@scope/b/deep", "./c.ts", "d", "e", "f", "g", "h"])
    assert.strictEqual(packageOf("@scope/b/deep"), "@scope/b")
    assert.strictEqual(packageOf("effect/process"), "effect")
  })
})

describe("the direction of imports", () => {
  it("is known for every package there is", () => {
    assert.includeMembers(
      packages.map(({ own }) => own),
      ["@rigbook/core", "rigbook", "@rigbook/reporters"],
    )
    for (const { bare, own } of packages) assert.isNotEmpty(bare, own)
  })

  for (const { bare, folder, imports, manifest, own, root } of packages)
    it(`is kept by ${folder}`, () => {
      const wrong = bare.filter(({ from }) => {
        const other = packageOf(from)
        return other.startsWith("@rigbook/") && (from !== other || !mayImport(own, other))
      })
      assert.deepStrictEqual(wrong.map(place), [])
      const outside = imports.filter(
        ({ file, from }) => from.startsWith(".") && !resolve(dirname(file), from).startsWith(join(root, "src")),
      )
      assert.deepStrictEqual(outside.map(place), [])
      const declared = Object.keys({
        ...manifest.dependencies,
        ...manifest.peerDependencies,
      })
      assert.deepStrictEqual(
        declared.filter((name) => name.startsWith("@rigbook/") && !mayImport(own, name)),
        [],
      )
      // Plugins are tested with the testkit. Core is not: it would have to be built before itself.
      const inTests = Object.keys(manifest.devDependencies ?? {}).filter((name) => name.startsWith("@rigbook/"))
      assert.deepStrictEqual(
        inTests.filter((name) => !mayImport(own, name) && (name !== "@rigbook/testkit" || own === "@rigbook/core")),
        [],
      )
    })
})

describe("declared dependencies", () => {
  for (const { bare, declared, folder } of packages)
    it(`are what ${folder} imports, no more and no less`, () => {
      const undeclared = bare.filter(({ from }) => !isBuiltin(from) && !(packageOf(from) in declared))
      assert.deepStrictEqual(undeclared.map(place), [])
      const imported = new Set(bare.map(({ from }) => packageOf(from)))
      assert.deepStrictEqual(
        Object.keys(declared).filter((name) => !imported.has(name)),
        [],
      )
    })

  for (const { bare, folder } of packages)
    it(`name Node's own modules as such in ${folder}`, () => {
      assert.deepStrictEqual(bare.filter(({ from }) => isBuiltin(from) && !from.startsWith("node:")).map(place), [])
    })
})

describe("the lockfile", () => {
  const lockfile = readFileSync(join(ROOT, "pnpm-lock.yaml"), "utf8")
  const [, snapshots = ""] = lockfile.split("\nsnapshots:\n")

  for (const [tool, native] of [
    ["turbo", "@turbo/darwin-arm64"],
    ["esbuild", "@esbuild/darwin-arm64"],
    ["rolldown", "@rolldown/binding-darwin-arm64"],
    ["rollup", "@rollup/rollup-darwin-arm64"],
    ["oxlint", "@oxlint/binding-darwin-arm64"],
    ["typescript", "@typescript/typescript-darwin-arm64"],
    ["koffi", "@koromix/koffi-darwin-arm64"],
  ] as const)
    it(`serves ${tool} on machines other than the one that made it`, () => {
      const version = new RegExp(`^ {6}'${native}': (\\S+)$`, "m").exec(snapshots)?.[1]
      assert.isDefined(version, `${tool} asks for ${native}`)
      assert.include(lockfile, `\n  '${native}@${version}':\n    resolution:`)
    })
})
