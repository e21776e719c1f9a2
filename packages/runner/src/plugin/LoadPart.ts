import {
  type AnyBackend,
  type DatasetLoader,
  type FileContent,
  type Launcher,
  type Metric,
  PluginError,
  type PluginKind,
  type Reporter,
  type Vendor,
} from "@rigbook/core"
import { Effect, Predicate, Schema } from "effect"
import { bounded } from "./Bounded.ts"
import { fromFirstContract } from "./FirstContract.ts"
import { guardBackend } from "./GuardBackend.ts"
import { guardDatasetLoader, guardMetric, guardReporter, guardVendor } from "./GuardParts.ts"
import { ImportLimit } from "./ImportModule.ts"
import { loadExport } from "./LoadExport.ts"
import { membersOf } from "./Members.ts"
import type { FileKind, Part } from "./PluginParts.ts"
import { reasonOf } from "./PluginThrew.ts"

/** The members that an export of each kind must have. */
type Shape = Readonly<Record<string, (value: unknown) => boolean>>

const isList = (value: unknown): boolean => Array.isArray(value)
const isOptionalList = (value: unknown): boolean => value === undefined || Array.isArray(value)
const isGroup = (value: unknown): boolean => value === undefined || Predicate.isObject(value)

const SHAPES: Readonly<Record<Exclude<PluginKind, FileKind>, Shape>> = {
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
  vendors: {
    alias: Predicate.isString,
    present: Effect.isEffect,
    discover: Effect.isEffect,
    read: isList,
    masks: isList,
    restrict: Predicate.isFunction,
  },
}

const HOW = {
  backends: ["backend", "Backend says what it needs, and which contract its manifest has to name."],
  metrics: ["metric", "Metric says what it needs."],
  reporters: ["reporter", "Reporter says what it needs."],
  datasets: ["loader of datasets", "DatasetLoader says what it needs."],
  launchers: ["launcher", "Launcher says what it needs."],
  vendors: ["vendor", "Vendor says what it needs."],
} as const

/**
 * Loads a backend. `R` is what the program that asks can give to backends: nobody can check it, so give all of
 * `NodeServices`. Fails with a `PluginError` if the module can't be loaded, or its export is not a backend with that
 * id.
 */
export const loadBackend = <R>(part: Part<"backends">): Effect.Effect<AnyBackend<R>, PluginError> =>
  Effect.map(loadPart(part), (value) =>
    guardBackend<R>(
      part.plugin.name,
      part.plugin.manifest.contract === 1
        ? fromFirstContract(value as unknown as Parameters<typeof fromFirstContract<R>>[0])
        : (value as unknown as AnyBackend<R>),
    ),
  )

/** Loads a metric; fails with `PluginError` as `loadBackend` does, and if it has a role reserved for Rigbook. */
export const loadMetric = (part: Part<"metrics">): Effect.Effect<Metric, PluginError> =>
  Effect.flatMap(loadPart(part), (value) => {
    const metric = guardMetric(part.plugin.name, value as unknown as Metric)
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
export const loadReporter = (part: Part<"reporters">): Effect.Effect<Reporter<FileContent>, PluginError> =>
  Effect.map(loadPart(part), (value) => guardReporter(part.plugin.name, value as unknown as Reporter<FileContent>))

/** Loads a loader of datasets; fails with `PluginError` as `loadBackend` does. */
export const loadDatasetLoader = (part: Part<"datasets">): Effect.Effect<DatasetLoader, PluginError> =>
  Effect.map(loadPart(part), (value) => guardDatasetLoader(part.plugin.name, value as unknown as DatasetLoader))

/** Loads a part of any kind, to know whether it can be; files are read where they are used. Fails with `PluginError`. */
export const loadAny = (part: Part): Effect.Effect<unknown, PluginError> => {
  const { kind } = part
  if (kind === "ratingRules" || kind === "scenarioSets")
    return part.problem === undefined ? Effect.void : Effect.fail(part.problem)
  return LOADERS[kind](part as never)
}

/** Loads a launcher; fails with `PluginError` as `loadBackend` does, and `R` is as there. */
export const loadLauncher = <R>(part: Part<"launchers">): Effect.Effect<Launcher<R>, PluginError> =>
  Effect.map(loadPart(part), (value) => value as Launcher<R>)

/** Loads a vendor of GPUs; fails with `PluginError` as `loadBackend` does. */
export const loadVendor = (part: Part<"vendors">): Effect.Effect<Vendor, PluginError> =>
  Effect.map(loadPart(part), (value) => guardVendor(part.plugin.name, value as unknown as Vendor))

const LOADERS = {
  backends: loadBackend,
  metrics: loadMetric,
  reporters: loadReporter,
  datasets: loadDatasetLoader,
  launchers: loadLauncher,
  vendors: loadVendor,
}

/**
 * What the conformance suite tests a part with; `undefined` if its manifest names nothing. Fails with
 * `PluginError` if that can't be loaded.
 */
export const loadCheck = ({
  about,
  plugin,
}: Part<"backends" | "metrics" | "launchers" | "vendors">): Effect.Effect<unknown, PluginError> =>
  about.check === undefined ? Effect.succeed(undefined) : loadExport(plugin, about.check, "check")

/** Loads the module of a part, and checks that it is what the manifest says. */
const loadPart = Effect.fn("LoadPart.loadPart")(function* ({
  about,
  kind,
  plugin,
  problem,
}: Part<Exclude<PluginKind, FileKind>>) {
  if (problem !== undefined) return yield* problem
  const fail = (detail: string, fix: string) => new PluginError({ plugin: plugin.name, detail, fix })
  const [one, how] = HOW[kind]
  const exported = yield* loadExport(plugin, about.export, one)
  const limit = yield* ImportLimit
  const value = yield* Effect.try({
    try: () => bounded(limit, () => membersOf(exported)),
    catch: (cause) =>
      fail(
        `${about.export} is not a ${one}: reading its members failed: ${reasonOf(cause)}.`,
        "Report it to its author.",
      ),
  })
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
