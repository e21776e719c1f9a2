import { FILE_LIMITS, SCENARIO_SETS, ScenarioSet, type Task } from "@rigbook/core"
import { Effect, Result } from "effect"
import { basename } from "node:path"
import { type ConfigFile, decodeAt, readConfigFile } from "./ConfigFile.ts"
import { ConfigError } from "./ConfigIssue.ts"
import { unknownName } from "./SchemaProblem.ts"

/** A value of YAML with keys. */
export type Mapping = Readonly<Record<string, unknown>>
/** Where something is in a document. */
export type Path = ReadonlyArray<PropertyKey>

/** Sets of scenarios by name. */
export type ScenarioSets = Readonly<Record<string, { readonly [Each in Task]?: ReadonlyArray<unknown> }>>

/** A set of scenarios in a YAML file. Fails with `ConfigError` where that is wrong. */
export const readScenarioSet = Effect.fn("ScenarioSet.readScenarioSet")(function* (path: string) {
  const file = yield* readConfigFile(path, basename(path), FILE_LIMITS.config)
  const decoded = file.syntax.length > 0 ? Result.fail(file.syntax) : decodeAt(file, [], ScenarioSet, file.value)
  if (Result.isSuccess(decoded)) return file.value as ScenarioSets[string]
  const [first, ...rest] = decoded.failure
  return yield* new ConfigError({ issues: [first!, ...rest] })
})

/**
 * A config's file with the scenarios of the sets that it names in their place; `place` says where the parts of the config are
 * in the file. Pure.
 */
export const withSets = (
  file: ConfigFile,
  value: Mapping,
  place: (path: Path) => Path,
  sets: ScenarioSets = {},
): ConfigFile => {
  const known: ScenarioSets = { ...sets, ...SCENARIO_SETS }
  const { scenarios, task } = value
  const listed: ReadonlyArray<unknown> = Array.isArray(scenarios) ? scenarios : [scenarios]
  const found = listed.map((one, index) => ({
    at: Array.isArray(scenarios) ? ["scenarios", index] : ["scenarios"],
    ladders: typeof one === "string" ? laddersOf(known, one, task) : [one],
    name: one,
  }))
  const syntax = found.flatMap(({ at, ladders, name }) =>
    ladders === undefined ? [file.issue(place(at), noLadders(known, String(name), task))] : [],
  )
  const isPlain = listed.every((one) => typeof one !== "string")
  const all = found.flatMap(({ at, ladders = [], name }) =>
    ladders.map((ladder) => ({ ladder, at, isOfSet: typeof name === "string" })),
  )
  return {
    ...file,
    syntax,
    value: isPlain ? value : { ...value, scenarios: all.map(({ ladder }) => ladder) },
    issue: (path, message, at) => {
      const [first, index, ...rest] = path
      const origin = !isPlain && first === "scenarios" && index !== undefined ? all[Number(index)] : undefined
      if (origin === undefined) return file.issue(place(path), message, at)
      return file.issue(place(origin.isOfSet ? origin.at : [...origin.at, ...rest]), message, at)
    },
  }
}

const laddersOf = (sets: ScenarioSets, name: string, task: unknown) =>
  Object.hasOwn(sets, name) ? sets[name]?.[taskOf(task)] : undefined

const taskOf = (task: unknown) => (task === "embed" ? "embed" : "generate")

const noLadders = (sets: ScenarioSets, name: string, task: unknown): string =>
  Object.hasOwn(sets, name)
    ? `the set of scenarios "${name}" has none to ${taskOf(task)}`
    : unknownName("set of scenarios", name, Object.keys(sets))
