import { CONTRACT, VERSION } from "@rigbook/core"
import { pluginParts } from "@rigbook/runner"
import { Effect, FileSystem } from "effect"
import { createRequire } from "node:module"
import { dirname, join, relative, resolve } from "node:path"
import type { ScaffoldKind, ScaffoldTask } from "../Choices.ts"
import { EXIT, usageFailure } from "../Failure.ts"
import { commandText } from "../output/CommandText.ts"
import { print, printJson } from "../output/Print.ts"
import { SCAFFOLDS } from "../Template.ts"
import { freeNames, type Names, namesOf, partOf, refusedName, renamedFor } from "./PluginNames.ts"

/** What `rigbook plugin new` was called with. */
export interface PluginNewInput {
  readonly name: string
  readonly kind: ScaffoldKind
  readonly task: ScaffoldTask
  readonly json: boolean
}

/** Development tools of a new plugin: those that Rigbook itself uses. */
export const TOOLS = { "@types/node": "^24.19.2", typescript: "^7.0.2", vitest: "^5.1.1" } as const

/** What is made: its sources' folder, and what the manifest says of it. */
const KINDS: Readonly<Record<ScaffoldKind, { readonly folder: string; readonly says: string }>> = {
  backend: { folder: "backend", says: "Writes words at a set pace" },
  "in-process": { folder: "backend", says: "Writes words at a set pace" },
  server: { folder: "server", says: "Writes words at a set pace, from a server" },
  worker: { folder: "worker", says: "Writes words, from a worker" },
  metric: { folder: "metric", says: "The longest wait between two chunks of an answer" },
  reporter: { folder: "reporter", says: "A line a record" },
  launcher: { folder: "launcher", says: "Processes of this machine" },
  vendor: { folder: "vendor", says: "GPUs that a tool lists" },
  scenario: { folder: "scenario", says: "A service that many people use at once" },
}

/** Creates a package in its own folder. */
export const pluginNew = Effect.fn("PluginNew.pluginNew")(function* ({ json, kind, name, task }: PluginNewInput) {
  const fs = yield* FileSystem.FileSystem
  const names = namesOf(name, kind)
  if (names === undefined)
    return yield* usageFailure(
      `"${name}" can't name a plugin: use the name of an npm package with a letter in its last part, such as rigbook-echo or @me/rigbook-echo.`,
    )
  const folder = resolve(name.split("/").at(-1)!)
  if (yield* fs.exists(folder)) return yield* usageFailure(`${relative(process.cwd(), folder)} exists already.`)
  const { dependencies, devDependencies } = manifest(kind, name, names)
  const refused = refusedName(name, Object.keys({ ...dependencies, ...devDependencies })) ?? ownId(kind, names)
  if (refused !== undefined)
    return yield* usageFailure(`"${name}" can't name a plugin: ${refused}. Choose another name.`)
  const files = yield* pluginFiles({ kind, name, task }, names)
  for (const [path, text] of files) {
    yield* fs.makeDirectory(dirname(join(folder, path)), { recursive: true })
    yield* fs.writeFileString(join(folder, path), text)
  }
  const made = files.map(([path]) => relative(process.cwd(), join(folder, path)))
  const there = relative(process.cwd(), folder)
  // Beside a rigbook that is installed here, a separate installation would bring a second copy of core.
  const install = (yield* fs.exists("package.json"))
    ? `npm pkg set "workspaces[]=${there}" && npm install && ${commandText("cd", there)}`
    : `${commandText("cd", there)} && npm install`
  yield* json
    ? printJson({ folder, files: made })
    : print(
        [...made, "", `Next: ${install} &&${kind === "scenario" ? "" : " npm run build &&"} npm run check`].join("\n"),
      )
  return EXIT.done
})

/** Why what it brings can't have the id of its name: no plugin may take one of Rigbook itself. */
const ownId = (kind: ScaffoldKind, { id }: Names): string | undefined => {
  const part = partOf(kind)
  const about = { id, description: KINDS[kind].says, export: "./index.js", file: "./scenarios.yaml" }
  const manifest = { contract: CONTRACT, [part === "scenario" ? "scenarioSets" : `${part}s`]: [about] }
  const [found] = pluginParts([{ name: id, version: VERSION, folder: "", origin: "named", manifest }])
  return found?.problem === undefined ? undefined : `${id} is a ${part} of Rigbook's own`
}

/** The package's files: their paths in it, and what they hold. */
export const pluginFiles = Effect.fnUntraced(function* (
  { kind, name, task }: Omit<PluginNewInput, "json">,
  wanted: Names,
) {
  const fs = yield* FileSystem.FileSystem
  const root = join(SCAFFOLDS, KINDS[kind].folder)
  const found: Array<readonly [path: string, text: string]> = []
  for (const path of (yield* fs.readDirectory(root, { recursive: true })).toSorted((a, b) => (a < b ? -1 : 1)))
    if ((yield* fs.stat(join(root, path))).type === "File")
      found.push([path, yield* fs.readFileString(join(root, path))])
  const names = freeNames(
    wanted,
    found.map(([, text]) => text),
  )
  const renamed = renamedFor(kind, name, names)
  const settings =
    kind === "scenario"
      ? { "package.json": scenarioManifest(name, names) }
      : { "package.json": manifest(kind, name, names), "tsconfig.json": CHECKED, "tsconfig.build.json": BUILT }
  return [
    ...Object.entries(settings).map(([path, value]) => [path, `${JSON.stringify(value, null, 2)}\n`] as const),
    [".gitignore", "node_modules\ndist\n"],
    ...found.map(([path, text]) => [renamed(path), renamed(withTask(text, task))] as const),
  ] as const
})

/** Sources with the task that was requested: they are written, and tested here, for both. */
export const withTask = (text: string, task: ScaffoldTask): string =>
  task === "both"
    ? text
    : text
        .replace(`["generate", "embed"]`, `["${task}"]`)
        .replace("models: { generate: files, embed: files }", `models: { ${task}: files }`)

const manifest = (kind: ScaffoldKind, name: string, { id, value }: Names) => {
  const part = partOf(kind)
  const { says } = KINDS[kind]
  const { version: effect } = createRequire(import.meta.url)("effect/package.json") as { readonly version: string }
  const check = {
    backend: "./dist/check.js#subject",
    launcher: "./dist/check.js#subject",
    vendor: "./dist/check.js#subject",
    metric: "./dist/check.js#examples",
    reporter: undefined,
    scenario: undefined,
  }[part]
  const platform = part === "backend" || part === "launcher" ? { "@effect/platform-node": `^${effect}` } : {}
  const beside =
    part === "launcher" ? { "@rigbook/records": `^${VERSION}`, "@rigbook/runner": `^${VERSION}` } : undefined
  return {
    name,
    version: "0.1.0",
    description: `Rigbook ${part}: ${says}`,
    keywords: ["rigbook", "rigbook-plugin"],
    license: "MIT",
    files: ["dist", "src", ...(kind === "worker" ? ["python"] : [])],
    type: "module",
    sideEffects: false,
    exports: {
      ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
      "./package.json": "./package.json",
    },
    scripts: {
      build: "tsc -p tsconfig.build.json",
      typecheck: "tsc -p .",
      test: "vitest run",
      check: "rigbook plugin check",
      prepack: "npm run build",
    },
    ...(beside === undefined ? {} : { dependencies: beside }),
    // The contract in the manifest decides whether a later core will do, not its version.
    peerDependencies: { "@rigbook/core": `>=${VERSION}`, effect: `^${effect}` },
    devDependencies: {
      ...platform,
      "@rigbook/core": `^${VERSION}`,
      "@rigbook/testkit": `^${VERSION}`,
      ...TOOLS,
      effect: `^${effect}`,
      rigbook: `^${VERSION}`,
    },
    engines: { node: ">=22.19.0" },
    rigbook: {
      contract: CONTRACT,
      [`${part}s`]: [
        {
          id,
          description: says,
          export: `./dist/index.js#${value}`,
          ...(check === undefined ? {} : { check }),
        },
      ],
    },
  }
}

/** Scenarios are a file: nothing is built, and its check is its test. */
const scenarioManifest = (name: string, names: Names) => {
  const { devDependencies, exports, scripts, sideEffects: _, ...shared } = manifest("scenario", name, names)
  const { "@types/node": _types, typescript: _compiler, ...tools } = devDependencies
  const set = { id: names.id, description: KINDS.scenario.says, file: "./scenarios.yaml" }
  return {
    ...shared,
    files: ["scenarios.yaml"],
    exports: { "./package.json": exports["./package.json"] },
    scripts: { test: scripts.check, check: scripts.check },
    devDependencies: tools,
    rigbook: { contract: CONTRACT, scenarioSets: [set] },
  }
}

const CHECKED = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2024"],
    module: "nodenext",
    moduleResolution: "nodenext",
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    declaration: true,
    sourceMap: true,
    skipLibCheck: true,
    types: ["node"],
    noEmit: true,
  },
  include: ["src", "test"],
}

const BUILT = {
  extends: "./tsconfig.json",
  compilerOptions: { noEmit: false, rootDir: "src", outDir: "dist" },
  include: ["src"],
}
