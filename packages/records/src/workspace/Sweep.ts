import type { Sweep } from "@rigbook/core"
import { Predicate } from "effect"
import type { ConfigFile } from "./ConfigFile.ts"
import { type Mapping, type Path, type ScenarioSets, withSets } from "./ScenarioSet.ts"

/** An option of a backend with one of the values that it is swept over. */
export interface Setting {
  readonly backend: string
  readonly option: string
  readonly value: string | number | boolean
  readonly index: number
}

/** How many combinations a sweep has, which may be more than can be listed; 1 for what is no sweep. */
export const combinationsOf = (sweep: unknown): number =>
  (Predicate.isObject(sweep) ? Object.values(sweep) : [])
    .flatMap((options: unknown) => (Predicate.isObject(options) ? Object.values(options) : []))
    .reduce((all: number, values: unknown) => all * (Array.isArray(values) ? values.length : 1), 1)

/** Every combination, the first option changing slowest; one without settings where nothing is swept. */
export const settingsOf = (sweep: Sweep): ReadonlyArray<ReadonlyArray<Setting>> =>
  Object.entries(sweep)
    .flatMap(([backend, options]) =>
      Object.entries(options).map(([option, values]) =>
        values.map((value, index): Setting => ({ backend, option, value, index })),
      ),
    )
    .reduce<ReadonlyArray<ReadonlyArray<Setting>>>(
      (all, choices) => all.flatMap((before) => choices.map((choice) => [...before, choice])),
      [[]],
    )

/** The config of a combination: its options are set, and its name says them. Pure. */
export const withSettings = (
  file: ConfigFile,
  config: Mapping,
  place: (path: Path) => Path,
  settings: ReadonlyArray<Setting>,
  sweepAt: Path,
  sets: ScenarioSets,
): ConfigFile => {
  if (settings.length === 0) return withSets(file, config, place, sets)
  const backends: Record<string, unknown> = Predicate.isObject(config["backends"]) ? { ...config["backends"] } : {}
  for (const { backend, option, value } of settings) {
    const given = backends[backend]
    backends[backend] = { ...(Predicate.isObject(given) ? given : {}), [option]: value }
  }
  const about = settings.map(({ option, value }) => `${option} ${value}`)
  const name = typeof config["name"] === "string" ? { name: [config["name"], ...about].join(", ") } : {}
  return withSets(
    file,
    { ...config, ...name, backends },
    (path) => {
      const [first, backend, option] = path
      const set = settings.find((one) => first === "backends" && one.backend === backend && one.option === option)
      return set === undefined ? place(path) : [...sweepAt, set.backend, set.option, set.index]
    },
    sets,
  )
}

/** Part of a config's name: `flashattention-on`. */
export const settingName = ({ option, value }: Setting): string =>
  `${option}-${value}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
