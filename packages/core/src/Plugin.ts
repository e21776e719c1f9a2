import { Schema } from "effect"
import type { Exit } from "./Failing.ts"

/**
 * Version of the contracts that plugins are written against: of `Backend`, `Metric`, `Reporter`, `DatasetLoader`, `Launcher`,
 * `Vendor` and the manifest.
 */
export const CONTRACT = 2

/** The oldest version that is still read: the members of a backend of contract 1 are put into groups. */
export const OLDEST_CONTRACT = 1

/** As in configs and records: `llama-cpp`, `slowest_token`. */
const PartId = Schema.String.check(
  Schema.isPattern(/^[a-z][a-z0-9_-]*$/, { message: "Expected an id of lower-case letters, digits, - and _" }),
)

/** A file of the package, by its path from the package's root. It can't lie outside. */
const INSIDE = String.raw`\.\/(?!(?:.*\/)?\.\.(?:\/|$))[^#\\]+`

const Export = Schema.String.check(
  Schema.isPattern(new RegExp(String.raw`^${INSIDE}\.[cm]?js(?:#[A-Za-z_$][\w$]*)?$`), {
    message: "Expected a module of the package and the name that it exports, such as ./dist/index.js#myEngine",
  }),
)

const described = { id: PartId, description: Schema.NonEmptyString }

/** A backend, a metric, a reporter, a loader of datasets, a launcher or a GPU vendor of a plugin. */
export const PluginPart = Schema.Struct({
  ...described,
  /** `./dist/index.js#name`; the default export if no name is given. */
  export: Export,
  /**
   * What the conformance suite tests it with, in the form of `export`: the subject of a backend, launcher or vendor, a
   * metric's examples. A reporter needs none.
   */
  check: Schema.optionalKey(Export),
})
export type PluginPart = typeof PluginPart.Type

/** Rules for stars in the form of models/rating.yaml, or a set of scenarios in that of `ScenarioSet`. */
export const PluginRules = Schema.Struct({
  ...described,
  /** `./rules.yaml`, from the root of the package. */
  file: Schema.String.check(
    Schema.isPattern(new RegExp(String.raw`^${INSIDE}\.ya?ml$`), {
      message: "Expected a YAML file of the package, such as ./rules.yaml",
    }),
  ),
})
export type PluginRules = typeof PluginRules.Type

const list = <S extends Schema.Top>(of: S) => Schema.optionalKey(Schema.Array(of))

/** What a package provides: the value of `rigbook` in its package.json. Reading it does not load the package. */
export const PluginManifest = Schema.Struct({
  /** Version of the contracts that it was written against: `CONTRACT`, counted from 1. */
  contract: Schema.Int.check(Schema.isGreaterThan(0)),
  backends: list(PluginPart),
  metrics: list(PluginPart),
  reporters: list(PluginPart),
  /** Loaders of datasets: see `DatasetLoader`. */
  datasets: list(PluginPart),
  /** Ways to reach other hosts: see `Launcher`. */
  launchers: list(PluginPart),
  /** Makers of GPUs that Rigbook does not know: see `Vendor`. */
  vendors: list(PluginPart),
  ratingRules: list(PluginRules),
  /** Sets of scenarios, which configs name beside Rigbook's own. */
  scenarioSets: list(PluginRules),
}).annotate({ identifier: "PluginManifest" })
export type PluginManifest = typeof PluginManifest.Type

/** Kinds of parts of a plugin, as its manifest names them. */
export const PLUGIN_KINDS = [
  "backends",
  "metrics",
  "reporters",
  "datasets",
  "launchers",
  "vendors",
  "ratingRules",
  "scenarioSets",
] as const
/** One of `PLUGIN_KINDS`. */
export type PluginKind = (typeof PLUGIN_KINDS)[number]

/** A plugin that can't be used, or a part of it: what is wrong with which package, and what to do. */
export class PluginError extends Schema.TaggedError<PluginError>()("PluginError", {
  /** Name of the package, or where it was searched. */
  plugin: Schema.NonEmptyString,
  detail: Schema.NonEmptyString,
  fix: Schema.NonEmptyString,
}) {
  get exit(): Exit {
    return "usage"
  }

  override get message(): string {
    return `Plugin ${this.plugin}: ${this.detail} ${this.fix}`
  }
}
