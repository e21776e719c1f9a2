import { Sweep } from "@rigbook/core"
import { Predicate, Result, Schema } from "effect"
import { type ConfigFile, decodeAt } from "./ConfigFile.ts"
import type { ConfigIssue } from "./ConfigIssue.ts"
import { type Mapping, type Path, type ScenarioSets, withSets } from "./ScenarioSet.ts"
import { unknownName } from "./SchemaProblem.ts"
import { combinationsOf, settingName, settingsOf, withSettings } from "./Sweep.ts"

/** One variant of a file: a config as if it had a file of its own, whose issues point into the file that it is in. */
export interface ConfigVariant {
  readonly id: string
  readonly file: ConfigFile
}

const Key = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { message: "Expected a name of letters, digits, dots and dashes" }),
)
const Named = Schema.Record(Key, Schema.Record(Schema.String, Schema.Unknown))
/** What makes a file a family. What a variant has of its own is checked as part of its config. */
const Family = Schema.Struct({
  name: Schema.optionalKey(Schema.String),
  weights: Schema.optionalKey(Named),
  variants: Schema.optionalKey(Named),
  sweep: Schema.optionalKey(Sweep),
})

/** Configs of one file: more than anybody measures, and few enough to be listed. */
const MOST_VARIANTS = 1000

/** The variant that is called like its file. */
const BASE = "base"

/**
 * The configs of a file, called `id` and its variants: one for a file without any. What is wrong with the variants
 * themselves is among the `syntax` of the one config that is left. `sets`: those of plugins. Pure.
 */
export const variantsOf = (file: ConfigFile, id: string, sets: ScenarioSets = {}): ReadonlyArray<ConfigVariant> => {
  const { value } = file
  if (file.syntax.length > 0 || !Predicate.isObject(value)) return [{ id, file }]
  const { sweep: _sweep, variants: _variants, weights: _weights, ...shared } = value as Mapping
  const { name, sweep, variants, weights } = value as Mapping
  if (variants === undefined && weights === undefined && sweep === undefined)
    return [{ id, file: withSets(file, value as Mapping, (path) => path, sets) }]
  const given = Object.fromEntries(
    Object.entries({ name, weights, variants, sweep }).filter(([, part]) => part !== undefined),
  )
  const family = decodeAt(file, [], Family, given)
  if (Result.isFailure(family)) return [{ id, file: { ...file, syntax: family.failure } }]
  const named = family.success
  const own: Record<string, Mapping> =
    named.variants ??
    (named.weights === undefined
      ? { [BASE]: {} }
      : Object.fromEntries(Object.keys(named.weights).map((key) => [key, { weights: key }])))
  if (Object.keys(own).length === 0)
    return [{ id, file: { ...file, syntax: [file.issue(["variants"], "name at least one variant")] } }]
  const total = Object.values(own).reduce((sum, changes) => sum + combinationsOf(changes["sweep"] ?? named.sweep), 0)
  if (total > MOST_VARIANTS) {
    const at = [named.variants === undefined ? "sweep" : "variants"]
    const message = `these are ${total > 1e6 ? "millions of" : total} configs; a file may have ${MOST_VARIANTS}: sweep fewer values`
    return [{ id, file: { ...file, syntax: [file.issue(at, message)] } }]
  }
  return Object.entries(own).flatMap(([key, changes]) => {
    const at = named.variants === undefined ? [] : ["variants", key]
    const weights = named.weights ?? {}
    const source =
      changes["weights"] === undefined
        ? Result.succeed(undefined)
        : sourceOf(file, weights, changes["weights"], at.length === 0 ? ["weights"] : [...at, "weights"])
    const { sweep: ownSweep, weights: _, ...replaced } = changes
    const swept =
      ownSweep === undefined ? Result.succeed(named.sweep) : decodeAt(file, [...at, "sweep"], Sweep, ownSweep)
    const problems = [...failuresOf(source), ...failuresOf(swept)]
    const isBase = key === BASE
    if (Result.isFailure(source) || Result.isFailure(swept))
      return [{ id: isBase ? id : `${id}-${key}`, file: { ...file, syntax: problems } }]
    const config: Mapping = {
      ...shared,
      ...(named.name === undefined ? {} : { name: isBase ? named.name : `${named.name}, ${key}`, family: named.name }),
      ...("family" in shared ? { family: shared["family"] } : {}),
      ...source.success?.source,
      ...replaced,
    }
    const place = (path: Path): Path => {
      const [first, ...rest] = path
      if (first === undefined || Object.hasOwn(replaced, first)) return [...at, ...path]
      return first === "source" && source.success !== undefined ? source.success.place(rest) : path
    }
    const referenced = withReferences(file, config, weights, place)
    if (Result.isFailure(referenced))
      return [{ id: isBase ? id : `${id}-${key}`, file: { ...file, syntax: referenced.failure } }]
    const sweepAt = ownSweep === undefined ? ["sweep"] : [...at, "sweep"]
    return settingsOf(swept.success ?? {}).map((settings) => ({
      id: [id, ...(isBase ? [] : [key]), ...settings.map(settingName)].join("-"),
      file: withSettings(file, referenced.success.config, referenced.success.place, settings, sweepAt, sets),
    }))
  })
}

const failuresOf = (part: Result.Result<unknown, ReadonlyArray<ConfigIssue>>): ReadonlyArray<ConfigIssue> =>
  Result.isFailure(part) ? part.failure : []

type Place = (path: Path) => Path

/** A config with sources in the place of references that name one of the file's weights. */
const withReferences = (
  file: ConfigFile,
  config: Mapping,
  weights: Readonly<Record<string, Mapping>>,
  place: Place,
): Result.Result<{ readonly config: Mapping; readonly place: Place }, ReadonlyArray<ConfigIssue>> => {
  const { scenarios } = config
  if (!Array.isArray(scenarios) || Object.keys(weights).length === 0) return Result.succeed({ config, place })
  const found = Result.all(
    (scenarios as ReadonlyArray<unknown>).map((scenario, index) =>
      Predicate.hasProperty(scenario, "reference") && typeof scenario.reference === "string"
        ? sourceOf(file, weights, scenario.reference, place(["scenarios", index, "reference"]))
        : Result.succeed(undefined),
    ),
  )
  if (Result.isFailure(found)) return Result.fail(found.failure)
  const sources = found.success
  return Result.succeed({
    config: {
      ...config,
      scenarios: scenarios.map((scenario: Mapping, index) =>
        sources[index] === undefined ? scenario : { ...scenario, reference: sources[index].source["source"] },
      ),
    },
    place: (path) => {
      const [first, index, key, ...rest] = path
      const source = first === "scenarios" && key === "reference" ? sources[Number(index)] : undefined
      return source === undefined ? place(path) : source.place(rest)
    },
  })
}

/** The source with this name, and where its parts are in the file; `at` is where it is named. */
const sourceOf = (file: ConfigFile, weights: Readonly<Record<string, Mapping>>, named: unknown, at: Path) => {
  const key = typeof named === "string" ? named : JSON.stringify(named)
  const source = Object.hasOwn(weights, key) ? weights[key] : undefined
  if (source === undefined) return Result.fail([file.issue(at, unknownName("weights", key, Object.keys(weights)))])
  const { quantized } = source
  const from = Predicate.hasProperty(quantized, "from") ? quantized.from : undefined
  if (typeof from !== "string")
    return Result.succeed({ source: { source }, place: (rest: Path): Path => ["weights", key, ...rest] })
  const origin = Object.hasOwn(weights, from) ? weights[from] : undefined
  if (origin === undefined)
    return Result.fail([
      file.issue(["weights", key, "quantized", "from"], unknownName("weights", from, Object.keys(weights))),
    ])
  return Result.succeed({
    source: { source: { ...source, quantized: { ...(quantized as Mapping), from: origin } } },
    place: ([first, second, ...rest]: Path): Path =>
      first === "quantized" && second === "from"
        ? ["weights", from, ...rest]
        : ["weights", key, ...[first, second].filter((part) => part !== undefined), ...rest],
  })
}
