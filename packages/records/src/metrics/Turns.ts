import { absent, type Measured, measured, type Metric, type RequestSample, type Sample, type Turn } from "@rigbook/core"
import { median } from "../statistics/Quantile.ts"
import { shareOf } from "./Cache.ts"
import { timePerToken, timeToFirst } from "./RequestTimes.ts"
import { succeeded } from "./Succeeded.ts"

/*
 * Figures of a conversation. Its first turn is new to the engine; the prompt of each later one begins with what the
 * engine has already read and written, so the two are different measurements.
 */

const conversation = { tasks: ["generate"], under: "multi-turn" } as const

/** TTFT of the first turn: t(first chunk with a token) − t(request sent), with nothing of the prompt in a cache. */
export const ttftFirstTurn: Metric = {
  ...conversation,
  id: "ttft_first_turn",
  title: "Time to first token, first turn",
  label: "TTFT, first turn",
  definition: "ttft of the first turn of a conversation",
  unit: "ms",
  better: "lower",
  roles: ["compared"],
  measure: (sample) => timeOf(turnsIn(sample, (turn) => turn === 0)),
}

/** TTFT of later turns: the median of t(first chunk with a token) − t(request sent) over all but the first. */
export const ttftLaterTurns: Metric = {
  ...conversation,
  id: "ttft_later_turns",
  title: "Time to first token, later turns",
  label: "TTFT of later turns",
  definition: "median ttft of the turns after the first",
  unit: "ms",
  better: "lower",
  roles: ["compared"],
  measure: (sample) => timeOf(turnsIn(sample, (turn) => turn > 0)),
}

/** Σ n_cached / Σ n_in over the turns after the first, by the engine's own counts. Source: as cached_share. */
export const cachedShareLaterTurns: Metric = {
  ...conversation,
  id: "cached_share_later_turns",
  title: "Prompt tokens from a cache, later turns",
  label: "cached in later turns",
  definition: "prompt tokens that the engine took from a cache / all prompt tokens, of the turns after the first",
  unit: "%",
  better: "higher",
  measure: (sample) => {
    const requests = turnsIn(sample, (turn) => turn > 0)
    return requests.length === 0 ? NO_TURN : shareOf(requests)
  },
}

/** What each turn of a conversation came to: medians over the measured trials; `undefined` where there were no turns. */
export const turnsOf = (samples: ReadonlyArray<Sample>): ReadonlyArray<Turn> | undefined => {
  const requests = samples.filter(({ phase }) => phase === "measured").flatMap(succeeded)
  const turns = Map.groupBy(
    requests.filter(({ turn }) => turn !== undefined),
    ({ turn = 0 }) => turn,
  )
  if (turns.size === 0) return undefined
  return [...turns]
    .toSorted(([a], [b]) => a - b)
    .map(([turn, all]) => ({
      turn,
      ...figure("inputTokens", all, ({ inputTokens }) => inputTokens),
      ...figure("cachedTokens", all, ({ cachedTokens }) => cachedTokens),
      ...figure("ttftMs", all, timeToFirst),
      ...figure("tpotMs", all, timePerToken),
    }))
}

const figure = <Name extends string>(
  name: Name,
  requests: ReadonlyArray<RequestSample>,
  of: (request: RequestSample) => number | undefined,
): { readonly [Key in Name]?: number } => {
  const values = requests.flatMap((request) => of(request) ?? [])
  // Of some trials it would be another figure than of all.
  return values.length < requests.length ? {} : ({ [name]: median(values) } as { readonly [Key in Name]: number })
}

const NO_TURN = absent("no such turn succeeded")

const turnsIn = (sample: Sample, which: (turn: number) => boolean): ReadonlyArray<RequestSample> =>
  succeeded(sample).filter(({ turn }) => turn !== undefined && which(turn))

const timeOf = (requests: ReadonlyArray<RequestSample>): Measured => {
  const times = requests.flatMap((request) => timeToFirst(request) ?? [])
  if (requests.length === 0) return NO_TURN
  return times.length < requests.length ? absent("a request generated no text") : measured(median(times))
}
