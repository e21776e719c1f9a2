import type { ExpectedTime, PlannedCell } from "@rigbook/runner"
import { count } from "./Count.ts"

type Times = Pick<ExpectedTime, "value" | "low" | "high">

/** In seconds below two minutes, in minutes below two hours, in hours below three days, in days from there on. */
const inUnits = (seconds: number): string => {
  if (seconds < 119.5) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 259_200
    ? `${Math.round(seconds / 3600)} h`
    : `${Math.round(seconds / 86_400).toLocaleString("en")} days`
}

const range = ({ high, low, value }: Times): string => `about ${inUnits(value)} (${inUnits(low)} to ${inUnits(high)})`

/** How long a cell will take, and what that rests on. */
export const timeText = (time: ExpectedTime): string => {
  if (time.basis === "work") return `${range(time)}: a guess by the work. ${time.formula}`
  if (time.basis === "other models") return `${range(time)}: an estimate by ${time.formula}`
  return `about ${inUnits(time.value)}, by ${time.formula}`
}

/** The same in a few words. */
export const timeWords = ({ basis, value }: ExpectedTime): string => {
  if (basis === "this cell") return `about ${inUnits(value)} by earlier runs`
  return `about ${inUnits(value)}, ${basis === "work" ? "a guess" : "an estimate"}`
}

/** How long all of some cells will take: what is known of each. */
export const totalTime = (times: ReadonlyArray<PlannedCell["time"]>): string => {
  const known = times.flatMap((time) => ("value" in time ? [time.value] : []))
  const unknown = times.length - known.length
  if (known.length === 0) return "how long that takes is known only once it was measured"
  const sum = (of: keyof Times) => known.reduce((total, time) => total + time[of], 0)
  const guesses = known.filter(({ basis }) => basis === "work").length
  const all = { value: sum("value"), low: sum("low"), high: sum("high") }
  const isLearned = known.every(({ basis }) => basis === "this cell")
  return [
    isLearned ? `about ${inUnits(all.value)}` : range(all),
    ...(guesses === 0 ? [] : [`${guesses === known.length ? "a guess" : `guessed for ${count(guesses, "cell")}`}`]),
    ...(unknown === 0 ? [] : [`and ${count(unknown, "cell")} whose time is not known`]),
  ].join(", ")
}
