import {
  type AnyBackend,
  type DatasetLoader,
  type Launcher,
  type Metric,
  PluginError,
  type PluginKind,
  type Reporter,
} from "@rigbook/core"
import { Effect, Predicate, Schema } from "effect"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Plugin } from "./FindPlugins.ts"
import { fromFirstContract } from "./FirstContract.ts"
import { movedName } from "./MovedNames.ts"
import type { Part } from "./PluginParts.ts"

/** The members that an export of each kind must have. */
type Shape = Readonly<Record<string, (value: unknown) => boolean>>

const isList = (value: unknown): boolean => Array.isArray(value)
const isOptionalList = (value: unknown): boolean => value === undefined || Array.isArray(value)
const isGroup = (value: unknown): boolean => value === undefined || Predicate.isObject(value)

const SHAPES: Readonly<Record<Exclude<PluginKind, "ratingRules">, Shape>> = {
  backends: {
    description: Predicate.isString,
    tasks: isList,
    config: Schema.isSchema,
    probe: Predicate.isFunction,
    inspect: Predicate.isFunction,
    open: Predicate.isFunction,
    memory: isGroup,
    placement: isGroup,
    files: isGroup,
    machine: isGroup,
  },
  metrics: {
    title: Predicate.isString,
    definition: Predicate.isString,
    unit: Predicate.isString,
    better: Predicate.isString,
    tasks: isList,
    measure: Predicate.isFunction,
    roles: isOptionalList,
    views: isOptionalList,
  },
  reporters: { extension: Predicate.isString, registry: Predicate.isFunction, report: Predicate.isFunction },
  datasets: { load: Predicate.isFunction },
  launchers: { description: Predicate.isString, connect: Predicate.isFunction },
}

const HOW = {
  backends: ["backend", "Backend says what it needs, and which contract its manifest has to name."],
  metrics: ["metric", "Metric says what it needs."],
  reporters: ["reporter", "Reporter says what it needs."],
  datasets: ["loader of datasets", "DatasetLoader says what it needs."],
  launchers: ["launcher", "Launcher says what it needs."],
} as const

/**
 * Loads a backend. `R` is what the program that asks can give to backends: nobody can check it, so give all of
 * `NodeServices`. Fails with a `PluginError` if the module can't be loaded, or its export is not a backend with that
 * id.
 */
export const loadBackend = <R>(part: Part<"backends">): Effect.Effect<AnyBackend<R>, PluginError> =>
  Effect.map(loadPart(part), (value) =>
    part.plugin.manifest.contract === 1
      ? fromFirstContract(value as Parameters<typeof fromFirstContract<R>>[0])
      : (value as AnyBackend<R>),
  )

/** Loads a metric; fails with `PluginError` as `loadBackend` does, and if it has a role reserved for Rigbook. */
export const loadMetric = (part: Part<"metrics">): Effect.Effect<Metric, PluginError> =>
  Effect.flatMap(loadPart(part), (value) => {
    const metric = value as Metric
    const taken = metric.roles?.find((role) => role !== "compared")
    return taken === undefined
      ? Effect.succeed(metric)
      : Effect.fail(
          new PluginError({
            plugin: part.plugin.name,
            detail: `${part.about.export} has the role "${taken}", which is reserved for Rigbook.`,
            fix: `Give the metric the role "compared", or none.`,
          }),
        )
  })

/** Loads a reporter; fails with `PluginError` as `loadBackend` does. */
export const loadReporter = (part: Part<"reporters">): Effect.Effect<Reporter, PluginError> =>
  Effect.map(loadPart(part), (value) => value as Reporter)

/** Loads a loader of datasets; fails with `PluginError` as `loadBackend` does. */
export const loadDatasetLoader = (part: Part<"datasets">): Effect.Effect<DatasetLoader, PluginError> =>
  Effect.map(loadPart(part), (value) => value as DatasetLoader)

/** Loads a launcher; `R` and failures are as for `loadBackend`. */
export const loadLauncher = <R>(part: Part<"launchers">): Effect.Effect<Launcher<R>, PluginError> =>
  Effect.map(loadPart(part), (value) => value as Launcher<R>)

/**
 * What the conformance suite tests a part with; `undefined` if its manifest names nothing. Fails with
 * `PluginError` if that can't be loaded.
 */
export const loadCheck = ({
  about,
  plugin,
}: Part<"backends" | "metrics" | "launchers">): Effect.Effect<unknown, PluginError> =>
  about.check === undefined ? Effect.succeed(undefined) : loadExport(plugin, about.check, "check")

const loadExport = Effect.fnUntraced(function* (plugin: Plugin, from: string, what: string) {
  const [file = "", name = "default"] = from.split("#")
  const fail = (detail: string, fix: string) => new PluginError({ plugin: plugin.name, detail, fix })
  const module = yield* Effect.tryPromise({
    try: async (): Promise<unknown> => await import(/* @vite-ignore */ pathToFileURL(join(plugin.folder, file)).href),
    catch: (cause) => {
      const why = (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]!
      const moved = movedName(why)
      if (moved !== undefined) return fail(`${file} can't be loaded: ${moved.detail}`, moved.fix)
      return fail(`${file} can't be loaded: ${why}.`, "If it is your own, build it; otherwise install it again.")
    },
  })
  const value = Predicate.hasProperty(module, name) ? module[name] : undefined
  if (Predicate.isObjectOrArray(value)) return value
  const names = Object.keys(Object(module))
  return yield* fail(
    `${file} exports no ${what} named ${name}, only ${names.join(", ") || "nothing"}.`,
    "Correct the name in its manifest.",
  )
})

/** Loads the module of a part, and checks that it is what the manifest says. */
const loadPart = Effect.fn("LoadPart.loadPart")(function* ({
  about,
  kind,
  plugin,
  problem,
}: Part<Exclude<PluginKind, "ratingRules">>) {
  if (problem !== undefined) return yield* problem
  const fail = (detail: string, fix: string) => new PluginError({ plugin: plugin.name, detail, fix })
  const [one, how] = HOW[kind]
  const value = yield* loadExport(plugin, about.export, one)
  const missing = Object.entries(SHAPES[kind]).find(
    ([key, holds]) => !holds(Predicate.hasProperty(value, key) ? value[key] : undefined),
  )
  if (missing !== undefined)
    return yield* fail(`${about.export} is not a ${one}: its "${missing[0]}" is missing or has the wrong type.`, how)
  if (!Predicate.hasProperty(value, "id") || value.id !== about.id)
    return yield* fail(
      `${about.export} has the id "${Predicate.hasProperty(value, "id") ? String(value.id) : ""}", but its manifest says "${about.id}".`,
      "Make both the same.",
    )
  return value
})
