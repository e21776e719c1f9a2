import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Options } from "tsup"
import { MOVED } from "../packages/runner/src/plugin/MovedNames.ts"
import { circlesOf, floorsOf } from "../tools/architecture/Circles.ts"
import { DOORS } from "../tools/architecture/Doors.ts"
import { doorOf, graphOf, packageOf, roomOf, trespass } from "../tools/architecture/Rooms.ts"
import { type Import, importsOf, publicNames, readSources } from "../tools/architecture/Sources.ts"

const ROOT = fileURLToPath(new URL("..", import.meta.url))

interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

const installedAs = (from: string): string =>
  from
    .split("/")
    .slice(0, from.startsWith("@") ? 2 : 1)
    .join("/")

/** What a package's build takes into its own files, so that nobody has to install it. */
const bundledBy = async (root: string): Promise<ReadonlyArray<RegExp>> => {
  const { default: config } = (await import(join(root, "tsup.config.ts"))) as { readonly default: Options | Options[] }
  return [config].flat().flatMap(({ noExternal = [] }) => noExternal.filter((name) => name instanceof RegExp))
}

const sources = readSources(ROOT)

const readPackage = async (folder: string) => {
  const root = join(ROOT, "packages", folder)
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest
  const imports = sources.filter(({ file }) => file.startsWith(`packages/${folder}/`)).flatMap(({ imports: of }) => of)
  const bare = imports.filter(({ from }) => !from.startsWith("."))
  const bundled = await bundledBy(root)
  const inBuild = Object.entries(manifest.devDependencies ?? {}).filter(
    ([name]) => bundled.some((pattern) => pattern.test(name)) && bare.some(({ from }) => installedAs(from) === name),
  )
  const declared = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
    ...Object.fromEntries(inBuild),
  }
  return { folder, manifest, bare, declared, own: manifest.name }
}

const packages = await Promise.all(readdirSync(join(ROOT, "packages")).map(readPackage))
const place = ({ file, from }: Import): string => `${file} imports ${from}`

describe("importsOf", () => {
  it("finds imports of every form, and the names that they request", () => {
    const text = `import { a } from "a"
import type { b } from "@scope/b/deep"
import {
  c,
  type d as e,
} from "./c.ts"
import "d"
export * from "e"
export { f } from 'f'
const g = await import("g")
const h = createRequire(import.meta.url)("h")
// it comes from "nowhere", and import x is no import
`
    const found = importsOf(text)
    assert.sameMembers(
      found.map(({ from }) => from),
      ["a", "@scope/b/deep", "./c.ts", "d", "e", "f", "g", "h"],
    )
    assert.deepStrictEqual(found.find(({ from }) => from === "./c.ts")?.names, ["c", "d"])
    assert.strictEqual(installedAs("@scope/b/deep"), "@scope/b")
    assert.strictEqual(installedAs("effect/process"), "effect")
  })
})

describe("the diagram", () => {
  it("has every package, and every door of each", () => {
    const doors = packages.flatMap(({ manifest: { exports = {}, name } }) =>
      Object.keys(exports)
        .filter((path) => path !== "./package.json")
        .map((path) => name + path.slice(1)),
    )
    assert.sameMembers(
      doors,
      DOORS.map(({ name }) => name).filter((name) => name !== "rigbook"), // a program: nothing to import
    )
    assert.sameMembers(
      packages.map(({ folder }) => folder),
      [...new Set(DOORS.map(packageOf))],
    )
  })

  for (const door of DOORS)
    it(`is kept by ${door.name}`, () => {
      const own = sources.filter(({ file }) => doorOf(file) === door)
      assert.isNotEmpty(own)
      assert.deepStrictEqual(
        own.flatMap(({ imports }) => imports.flatMap((each) => trespass(each) ?? [])),
        [],
      )
    })

  it("names both rooms of an import that is against it", () => {
    assert.strictEqual(
      trespass({
        file: "packages/records/src/metrics/Values.ts",
        from: "@rigbook/runner",
        to: "packages/runner/src/run/Run.ts",
      }),
      "records/metrics may not import runner/run: packages/records/src/metrics/Values.ts imports @rigbook/runner.",
    )
    assert.strictEqual(
      trespass({
        file: "packages/core/src/record/Sample.ts",
        from: "../engine/process/Sse.ts",
        to: "packages/core/src/engine/process/Sse.ts",
      }),
      "core/record may not import core/engine/process: packages/core/src/record/Sample.ts imports ../engine/process/Sse.ts.",
    )
    assert.match(trespass({ file: "packages/cli/src/Run.ts", from: "@rigbook/backend-vllm" })!, /may not import/)
    assert.match(trespass({ file: "packages/cli/src/Run.ts", from: "@rigbook/core/deep" })!, /which is no door/)
    assert.isUndefined(trespass({ file: "packages/cli/src/Run.ts", from: "@rigbook/runner" }))
  })

  it("has no circle: not of doors, of rooms, or of files", () => {
    for (const groupOf of [(file: string) => doorOf(file)!.name, roomOf, (file: string) => file]) {
      const graph = graphOf(sources, groupOf)
      assert.isAbove(graph.size, 10)
      assert.deepStrictEqual(circlesOf(graph), [])
    }
  })

  it("would find one, and counts floors from the ground", () => {
    const graph = (edges: Readonly<Record<string, string>>) =>
      new Map(Object.entries(edges).map(([from, to]) => [from, new Set(to)]))
    assert.deepStrictEqual(circlesOf(graph({ a: "b", b: "c", c: "ad", d: "" })), [["a", "b", "c"]])
    assert.deepStrictEqual(Object.fromEntries(floorsOf(graph({ a: "bc", b: "c", c: "" }))), { a: 3, b: 2, c: 1 })
  })

  it("keeps doors small: none hands out more names than its cap", () => {
    for (const door of DOORS)
      if (door.cap !== undefined) assert.isAtMost(publicNames(ROOT, door).size, door.cap, door.name)
    assert.deepInclude(Object.fromEntries(publicNames(ROOT, DOORS[0]!)), { Backend: "packages/core/src/Backend.ts" })
  })
})

describe("files", () => {
  /** What reads without `readText` and `readBytes`, which bound what they read, and why it may. */
  const READERS: Readonly<Record<string, ReadonlyArray<string>>> = {
    "is what bounds them": ["core/src/files/ReadFile.ts"],
    "reads a model in parts, after checkOrdinary": [
      "core/src/models/formats/FileHash.ts",
      "core/src/models/formats/GgufHeader.ts",
      "core/src/models/formats/Safetensors.ts",
      "core/src/models/store/ModelStore.ts",
    ],
    "reads what the kernel says": [
      "backend-llamacpp/src/Setup.ts", // and the list of an archive that was checked by its hash
      "backend-vllm/src/Server.ts",
      "core/src/engine/process/KernelLog.ts",
      "core/src/engine/process/MemoryCeilings.ts",
      "core/src/engine/process/OomKills.ts",
      "core/src/engine/process/Orphans.ts",
      "core/src/engine/process/ProcStat.ts",
      "core/src/engine/process/ProcessMark.ts",
      "runner/src/host/CaptureHost.ts",
      "runner/src/host/ProcessTree.ts",
      "runner/src/host/UsageReader.ts",
    ],
    "reads a file of its own package": [
      "backend-llamacpp/src/Quantize.ts",
      "backend-onnxruntime/src/Runtime.ts",
      "backend-sentence-transformers/src/Lock.ts",
      "backend-vllm/src/Lock.ts",
      "core/src/engine/install/UnpackOnce.ts", // a backend's script
      "cli/src/handlers/CopyTemplate.ts",
      "cli/src/handlers/PluginNew.ts",
      "reporters/src/html/PageAssets.ts",
      "launcher-ssh/src/Program.ts", // and those of the packages that go with it
    ],
    "runs on another machine, on Node alone, and reads what it has written": [
      "launcher-ssh/src/agent/Queue.ts",
      "launcher-ssh/src/agent/Unit.ts",
    ],
  }
  const READS = /\b(?:readFile\w*|createReadStream|copyFile\w*|openSync|readSync)\(|\bfs\s*\.stream\(/

  it("are read in one place, which knows the limit of each kind", () => {
    const reading = sources
      .map(({ file }) => file)
      .filter((file) => /^packages\/(?!testkit\/)/.test(file) && READS.test(readFileSync(join(ROOT, file), "utf8")))
    assert.sameMembers(
      reading.map((file) => file.replace("packages/", "")),
      Object.values(READERS).flat(),
    )
  })
})

describe("names that have left core", () => {
  it("are where the message for a plugin that misses one says", () => {
    for (const [name, names] of Object.entries(MOVED)) {
      const door = publicNames(
        ROOT,
        DOORS.find((each) => each.name === name)!,
      )
      const now = names
        .trim()
        .split(/\s+/)
        .map((each) => each.split("=").at(-1)!)
      assert.includeMembers([...door.keys()], now, name)
    }
  })
})

describe("declared dependencies", () => {
  /** What is imported by the machine's name: see NativeLibrary. */
  const BY_MACHINE = /^@koromix\/koffi-/

  for (const { bare, declared, folder } of packages)
    it(`are what ${folder} imports, no more and no less`, () => {
      const undeclared = bare.filter(({ from }) => !isBuiltin(from) && !(installedAs(from) in declared))
      assert.deepStrictEqual(undeclared.map(place), [])
      const imported = new Set(bare.map(({ from }) => installedAs(from)))
      assert.deepStrictEqual(
        Object.keys(declared).filter((name) => !imported.has(name) && !BY_MACHINE.test(name)),
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
  ] as const)
    it(`serves ${tool} on machines other than the one that made it`, () => {
      const version = new RegExp(`^ {6}'${native}': (\\S+)$`, "m").exec(snapshots)?.[1]
      assert.isDefined(version, `${tool} requests ${native}`)
      assert.include(lockfile, `\n  '${native}@${version}':\n    resolution:`)
    })
})
