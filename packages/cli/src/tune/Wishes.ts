import { DEFAULT, type FigureName, type Goal, type Setting } from "@rigbook/runner"
import { Effect } from "effect"
import { usageFailure } from "../Failure.ts"

/** A goal as flags have it. */
export interface GoalFlags {
  readonly decode: number | undefined
  readonly ttft: number | undefined
  readonly output: number | undefined
  readonly kld: number | undefined
  /** With its unit: `24GiB`. */
  readonly memory: string | undefined
}

/** The bounds that flags name. Fails where one can't be a bound. */
export const goalOf = Effect.fn("Wishes.goalOf")(function* ({ memory, ...flags }: GoalFlags) {
  const goal: Partial<Record<FigureName, number>> = {}
  for (const name of ["decode", "ttft", "output", "kld"] as const) {
    const bound = flags[name]
    if (bound === undefined) continue
    if (!(bound > 0)) return yield* usageFailure(`--${name} is more than zero, not ${bound}.`)
    goal[name] = bound
  }
  if (memory !== undefined) {
    const bytes = bytesIn(memory)
    if (bytes === undefined) return yield* usageFailure(`--memory is a size such as 24GiB or 900MiB, not "${memory}".`)
    goal.memory = bytes
  }
  return goal satisfies Goal
})

const UNITS: Readonly<Record<string, number>> = { b: 1, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, mb: 1e6, gb: 1e9 }

const bytesIn = (text: string): number | undefined => {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text) ?? []
  const factor = UNITS[unit.toLowerCase()]
  const bytes = digits === undefined || factor === undefined ? 0 : Number(digits) * factor
  return bytes > 0 ? bytes : undefined
}

/** Knobs that `--vary` names, each with its values where it lists them: `threads`, or `kvCache=f16,q8_0`. */
export const knobsNamed = Effect.fn("Wishes.knobsNamed")(function* (words: ReadonlyArray<string>) {
  const named = new Map<string, ReadonlyArray<Setting>>()
  for (const word of words) {
    const [, name, list] = /^([A-Za-z]\w*)(?:=(.+))?$/.exec(word) ?? []
    if (name === undefined)
      return yield* usageFailure(`--vary is a name, or a name and its values: --vary threads=2,4. It is "${word}".`)
    const values = (list ?? "").split(",").filter((value) => value !== "" && value !== DEFAULT)
    if (named.has(name)) return yield* usageFailure(`--vary names ${name} twice: write its values after one.`)
    named.set(name, [...new Set(values)].map(settingOf))
  }
  return named
})

const settingOf = (text: string): Setting => (/^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text)
