import {
  PLUGIN_KINDS,
  PluginError,
  type PluginKind,
  type PluginPart,
  type PluginRules,
  SCENARIO_SETS,
} from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import { VENDORS } from "../vendors/Vendors.ts"
import type { BrokenPlugin, Plugin } from "./FindPlugins.ts"

/** Kinds whose parts are files that are read, not code. */
export type FileKind = "ratingRules" | "scenarioSets"

/** A part of a plugin: its kind, its manifest entry, and where it comes from. */
export interface Part<K extends PluginKind = PluginKind> {
  readonly kind: K
  readonly plugin: Plugin
  readonly about: K extends FileKind ? PluginRules : PluginPart
  /** Why it can't be used, such as an id that two plugins have. */
  readonly problem?: PluginError
}

/** Ids of Rigbook itself, which no plugin can take. */
const TAKEN: Readonly<Record<PluginKind, ReadonlyArray<string>>> = {
  backends: [],
  metrics: METRICS.map(({ id }) => id),
  reporters: ["markdown", "json", "csv", "html"],
  datasets: [],
  launchers: ["local"],
  vendors: VENDORS.map(({ id }) => id),
  ratingRules: [],
  scenarioSets: Object.keys(SCENARIO_SETS),
}

const ONE: Readonly<Record<PluginKind, string>> = {
  backends: "backend",
  metrics: "metric",
  reporters: "reporter",
  datasets: "loader of datasets",
  launchers: "launcher",
  vendors: "vendor of GPUs",
  ratingRules: "set of rating rules",
  scenarioSets: "set of scenarios",
}

/** All parts of the plugins, by kind and id. Pure. */
export const pluginParts = (plugins: ReadonlyArray<Plugin | BrokenPlugin>): ReadonlyArray<Part> => {
  const parts = plugins.flatMap((plugin) =>
    "manifest" in plugin
      ? PLUGIN_KINDS.flatMap((kind) => (plugin.manifest[kind] ?? []).map((about) => ({ kind, plugin, about })))
      : [],
  )
  return [...Map.groupBy(parts, ({ about, kind }) => `${kind} ${about.id}`).values()]
    .flatMap((same): ReadonlyArray<Part> =>
      same.map((part) => {
        const problem = clash(part, same)
        return problem === undefined ? part : { ...part, problem }
      }),
    )
    .toSorted((a, b) => (a.about.id < b.about.id ? -1 : Number(a.about.id > b.about.id)))
}

/** Those of one kind. */
export const partsOf = <K extends PluginKind>(parts: ReadonlyArray<Part>, kind: K): ReadonlyArray<Part<K>> =>
  parts.filter((part): part is Part<K> => part.kind === kind)

const clash = ({ about, kind, plugin }: Part, same: ReadonlyArray<Part>): PluginError | undefined => {
  const reported = { plugin: plugin.name }
  if (TAKEN[kind].includes(about.id))
    return new PluginError({
      ...reported,
      detail: `it provides a ${ONE[kind]} named ${about.id}, which is a name of Rigbook's own.`,
      fix: "Ask its author to give it another id.",
    })
  const others = same.filter((part) => part.plugin !== plugin).map((part) => part.plugin.name)
  if (others.length > 0)
    return new PluginError({
      ...reported,
      detail: `it provides the ${ONE[kind]} ${about.id}, and so does ${others.join(" and ")}.`,
      fix: `Uninstall all but one of them.`,
    })
  return same.length === 1
    ? undefined
    : new PluginError({
        ...reported,
        detail: `its manifest names the ${ONE[kind]} ${about.id} twice.`,
        fix: "Report it to its author.",
      })
}
