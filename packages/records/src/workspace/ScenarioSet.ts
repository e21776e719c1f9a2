import { SCENARIO_SETS } from "@rigbook/core"
import type { ConfigFile } from "./ConfigFile.ts"
import { unknownName } from "./SchemaProblem.ts"

/** A value of YAML with keys. */
export type Mapping = Readonly<Record<string, unknown>>
/** Where something is in a document. */
export type Path = ReadonlyArray<PropertyKey>

/**
 * A config's file with the scenarios of the sets that it names in their place; `place` says where the parts of the config are
 * in the file. Pure.
 */
export const withSets = (file: ConfigFile, value: Mapping, place: (path: Path) => Path): ConfigFile => {
  const { scenarios, task } = value
  const listed: ReadonlyArray<unknown> = Array.isArray(scenarios) ? scenarios : [scenarios]
  const found = listed.map((one, index) => ({
    at: Array.isArray(scenarios) ? ["scenarios", index] : ["scenarios"],
    ladders: typeof one === "string" ? setNamed(one)?.[task === "embed" ? "embed" : "generate"] : [one],
    name: one,
  }))
  const syntax = found.flatMap(({ at, ladders, name }) =>
    ladders === undefined
      ? [file.issue(place(at), unknownName("set of scenarios", String(name), Object.keys(SCENARIO_SETS)))]
      : [],
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

const setNamed = (name: string) => Object.entries(SCENARIO_SETS).find(([known]) => known === name)?.[1]
