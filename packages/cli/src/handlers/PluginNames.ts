import { String } from "effect"
import { builtinModules } from "node:module"
import type { ScaffoldKind } from "../Choices.ts"

/** What the manifest calls it. */
export type PluginPart = "backend" | "metric" | "reporter" | "launcher" | "vendor" | "scenario"

/** What a new plugin is called where: in configs, as a value and in names of files. */
export interface Names {
  readonly id: string
  readonly value: string
  readonly file: string
}

/** The example's names in the sources, replaced by the new plugin's. */
const EXAMPLES: Readonly<Record<PluginPart, Names>> = {
  backend: { id: "my-engine", value: "myEngine", file: "MyEngine" },
  metric: { id: "my_metric", value: "myMetric", file: "MyMetric" },
  reporter: { id: "my-reporter", value: "myReporter", file: "MyReporter" },
  launcher: { id: "my-launcher", value: "myLauncher", file: "MyLauncher" },
  vendor: { id: "my-vendor", value: "myVendor", file: "MyVendor" },
  scenario: { id: "my-scenario", value: "myScenario", file: "MyScenario" },
}

/** What its kind of thing is called in the manifest. */
export const partOf = (kind: ScaffoldKind): PluginPart =>
  kind === "server" || kind === "worker" || kind === "in-process" ? "backend" : kind

/** Words that say what a package is, and nothing of what it brings. */
const KIND_WORDS: ReadonlySet<string> = new Set(["rigbook", "plugin", ...Object.keys(EXAMPLES)])

/** `rigbook-backend-echo` brings `echo`, as the value `echoBackend`. `undefined` for what is no package name. Pure. */
export const namesOf = (name: string, kind: ScaffoldKind): Names | undefined => {
  if (!/^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/.test(name) || name.length > LONGEST) return undefined
  const words = name
    .split("/")
    .at(-1)!
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "")
  const telling = words.filter((word) => !KIND_WORDS.has(word))
  const chosen = telling.length > 0 ? telling : words
  if (!/^[a-z]/.test(chosen[0]!)) return undefined
  const part = partOf(kind)
  const big = [...chosen, part].map(String.capitalize).join("")
  return { id: chosen.join(part === "metric" ? "_" : "-"), value: String.uncapitalize(big), file: big }
}

/** Of a package's name, by npm. */
const LONGEST = 214

/** Names that npm takes for no new package, however they are spelt. */
const UNPUBLISHED: ReadonlySet<string> = new Set([...builtinModules, "node_modules", "favicon.ico"])

/** Why a package can't have this name, which is well-formed; `uses` are the packages that it has to install. Pure. */
export const refusedName = (name: string, uses: ReadonlyArray<string>): string | undefined => {
  if (uses.includes(name)) return "a plugin installs a package of that name itself"
  if (UNPUBLISHED.has(name)) return "npm publishes no package of that name"
  return undefined
}

/** Names whose value is none that the sources use already, such as a function that they import. Pure. */
export const freeNames = (names: Names, sources: ReadonlyArray<string>): Names =>
  sources.some((text) => new RegExp(`\\b${names.value}\\b`).test(text))
    ? { ...names, value: `own${names.file}` }
    : names

/** Aliases of devices that are not the plugin's to give. */
const ALIASES: ReadonlySet<string> = new Set(["cpu", "gpu", "cuda", "rocm"])

/**
 * The starter's text or path with the new plugin's names in the place of the example's: in one pass, because a name may be
 * a part of another. Names of variables have no dash. Pure.
 */
export const renamedFor = (
  kind: ScaffoldKind,
  name: string,
  { file, id, value }: Names,
): ((text: string) => string) => {
  const example = EXAMPLES[partOf(kind)]
  const letters = id.replaceAll(/[-_]/g, "")
  const alias = ALIASES.has(letters) ? `${letters}gpu` : letters
  const names: Readonly<Record<string, string>> = {
    "my-package": name,
    [example.file]: file,
    [example.value]: value,
    [example.id]: id,
    MY_ENGINE_: `${id.toUpperCase().replaceAll("-", "_")}_`,
    MY_VISIBLE_DEVICES: `${alias.toUpperCase()}_VISIBLE_DEVICES`,
    "my-smi": `${alias}-smi`,
    mygpu: alias,
    "My metric": String.capitalize(id.replaceAll(/[-_]/g, " ")),
  }
  const any = new RegExp(Object.keys(names).join("|"), "g")
  return (text) => text.replaceAll(any, (found) => names[found] ?? found)
}
