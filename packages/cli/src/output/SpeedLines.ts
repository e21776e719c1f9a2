import { scenarioTask } from "@rigbook/core"
import type { ExpectedSpeed, PlannedCell } from "@rigbook/runner"
import { figure } from "./Figures.ts"

/** A line of what one thing is, by its name. */
type Line = (name: string, text: string) => string

type Fast = Pick<PlannedCell, "scenario" | "speed" | "speedAtLongest">

/** How fast answers are expected to be, said to be an estimate, and beside it how fast they were; with `whole` also why not. */
export const speedLines = (
  { scenario, speed, speedAtLongest }: Fast,
  line: Line,
  whole: boolean,
): ReadonlyArray<string> => {
  const { decode, measured, prompt } = speed
  const found = "value" in measured ? `${figure(measured.value)} tokens/s` : undefined
  if ("absent" in decode)
    return [
      ...(whole && scenarioTask(scenario) === "generate" ? [line("speed", `unknown: ${decode.absent}`)] : []),
      ...(found === undefined ? [] : [line("measured", found)]),
    ]
  const { value } = decode.value
  return [
    line("speed", expectation(decode.value, speedAtLongest)),
    ...("value" in prompt ? [line("prompts", `at most ${figure(prompt.value)} tokens/s, by the data sheets`)] : []),
    ...(found === undefined || "absent" in measured
      ? []
      : [line("measured", `${found}; the estimate is off by ${signed(value / measured.value - 1)}`)]),
  ]
}

const expectation = (expected: ExpectedSpeed, atLongest: ExpectedSpeed | undefined): string => {
  const { error, formula, high, low, records, value } = expected
  const range = low === high ? "" : ` (${figure(low)} to ${figure(high)})`
  const end = atLongest === undefined ? "" : `, ${figure(atLongest.value)} at the end of the longest context`
  const from = records > 0 ? "learned from records" : "by data sheets"
  const off = error === undefined ? "" : `; usually off by ${(100 * error).toFixed(0)} %`
  return `about ${figure(value)} tokens/s${range}${end}: an estimate, ${from}. ${formula}${off}`
}

const signed = (share: number): string => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(0)} %`
