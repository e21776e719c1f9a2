import type { RunRecord } from "@rigbook/core"
import {
  type Cost,
  type FigureName,
  FIGURES,
  type Gain,
  type Goal,
  type Miss,
  type Outcome,
  type Step,
  type Tried,
  type TunePlan,
  variantName,
} from "@rigbook/runner"
import { commandText } from "./CommandText.ts"
import { count } from "./Count.ts"
import { figure } from "./Figures.ts"
import { table } from "./Table.ts"
import { columns, field, wrapped } from "./Wrapped.ts"

/** What is shown before anything runs. */
export interface PlanView {
  readonly id: string
  readonly plan: TunePlan
  readonly notes: ReadonlyArray<string>
  readonly cost: Cost
  readonly perTrial: number | undefined
  readonly folder: string
}

/** The goal, what varies, and what it costs at most. */
export const planText = ({ cost, folder, id, notes, perTrial, plan }: PlanView): string => {
  const width = columns()
  return [
    id,
    field("goal", goalText(plan.goal), width),
    field(
      "prefers",
      `the ${FIGURES[plan.prefer].better === "higher" ? "most" : "least"} ${FIGURES[plan.prefer].title} of what meets it`,
      width,
    ),
    ...plan.knobs.map(({ name, values }) => field(name, values.join(", "), width)),
    ...notes.map((note) => field("note", note, width)),
    field("records", folder, width),
    costText(cost, perTrial),
  ].join("\n")
}

/** What a search takes, before it starts. */
export const costText = ({ losses, starts, trials }: Cost, perTrial: number | undefined): string => {
  const loss = losses === 0 ? "" : `, and the loss of ${count(losses, "variant")}`
  const warm = trials + starts
  const time =
    perTrial === undefined
      ? "No such cell has a record here: how long that takes is known after the first variants."
      : `About ${minutes(warm * perTrial)} at ${figure(perTrial)} s for each${losses === 0 ? "" : ", without the losses"}.`
  const text = `At most ${count(trials, "trial")} and ${count(starts, "warm-up")}${loss}. ${time}`
  return wrapped(text.split(" "), columns(), "")
}

const minutes = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} minutes`

const goalText = (goal: Goal): string =>
  boundsOf(goal)
    .map(
      ([name, bound]) =>
        `${FIGURES[name].title} ${FIGURES[name].better === "higher" ? "≥" : "≤"} ${valueText(name, bound)}`,
    )
    .join(", ") || "none: the best that there is"

const boundsOf = (goal: Goal) =>
  Object.entries(goal).flatMap(([name, bound]) => (bound === undefined ? [] : [[name as FigureName, bound] as const]))

const valueText = (name: FigureName, value: number): string => {
  const { unit } = FIGURES[name]
  return unit === "B" ? `${figure(value / 2 ** 20)} MiB` : `${figure(value)} ${unit}`
}

/** What is shown at the end. */
export interface OutcomeView {
  readonly plan: TunePlan
  readonly outcome: Outcome
  readonly tries: ReadonlyArray<RunRecord>
  /** The config that was written; null if none was. */
  readonly written: string | null
  readonly folder: string
}

/** The best variant, the runner-up, what each step brought, and what follows. */
export const outcomeText = ({ folder, outcome, plan, tries, written }: OutcomeView): string => {
  const { best, defaults, gains, lead, overtaken, runnerUp, steps } = outcome
  const rows = [
    ...(best === undefined ? [] : [["best", best] as const]),
    ...(runnerUp === undefined ? [] : [["runner-up", runnerUp] as const]),
    ...(defaults === undefined ? [] : [["defaults", defaults] as const]),
  ]
  const names = (Object.keys(FIGURES) as ReadonlyArray<FigureName>).filter((name) =>
    rows.some(([, tried]) => shownOf(tried, name) !== undefined),
  )
  return [
    ...steps.flatMap((step) => stepLines(plan, step)),
    ...(overtaken === undefined || best === undefined
      ? []
      : [
          `last comparison: ${variantName(plan.knobs, overtaken.variant)} → ${variantName(plan.knobs, best.variant)}: ${gainText(overtaken.gain)}`,
        ]),
    "",
    ...(rows.length === 0 ? [] : [resultTable(plan, rows, names), ""]),
    ...(gains.length === 0 ? [] : [`Best against defaults, in turns: ${gains.map(gainText).join("; ")}.`]),
    ...(lead.length === 0 ? [] : [`Best against runner-up, in turns: ${lead.map(gainText).join("; ")}.`]),
    ...conclusion(plan, outcome),
    ...suspicions(tries),
    written === null
      ? `Nothing was written but the tries: ${folder}`
      : `Wrote ${written}. Next: ${commandText("rigbook", "run", written)}`,
  ].join("\n")
}

const resultTable = (
  { knobs }: TunePlan,
  rows: ReadonlyArray<readonly [role: string, tried: Tried]>,
  names: ReadonlyArray<FigureName>,
): string =>
  table(
    [
      "",
      "variant",
      ...names.map((name) => `${FIGURES[name].title} (${FIGURES[name].unit === "B" ? "MiB" : FIGURES[name].unit})`),
    ],
    rows.map(([role, tried]) => [
      role,
      variantName(knobs, tried.variant),
      ...names.map((name) => shownOf(tried, name) ?? "–"),
    ]),
  )

const shownOf = ({ figures: { loss, trials } }: Tried, name: FigureName): string | undefined => {
  if (name === "kld")
    return loss === undefined ? undefined : `${figure(loss.value)} (${figure(loss.low)} to ${figure(loss.high)})`
  const values = (trials[name] ?? []).toSorted((a, b) => a - b)
  const [low, high] = [values[(values.length - 1) >> 1], values[values.length >> 1]]
  return low === undefined || high === undefined
    ? undefined
    : figure(((low + high) / 2) * (FIGURES[name].unit === "B" ? 2 ** -20 : 1))
}

const stepLines = ({ knobs }: TunePlan, { dropped, from, gain, knob, to }: Step): ReadonlyArray<string> => [
  from[knob] === to[knob]
    ? `${knob}: stays at ${String(from[knob])}${gain === undefined ? "" : `; the nearest other: ${gainText(gain)}`}`
    : `${knob}: ${String(from[knob])} → ${String(to[knob])}${gain === undefined ? "" : `: ${gainText(gain)}`}`,
  ...dropped.map(({ variant, why }) => `  ${String(variant[knob] ?? variantName(knobs, variant))}: ${why}`),
]

const gainText = ({ figure: name, ratio, shift, word }: Gain): string => {
  const { title } = FIGURES[name]
  if (shift !== undefined)
    return `${title} ${shift.estimate < 0 ? "−" : "+"}${figure(Math.abs(shift.estimate))} nats (${word})`
  if (ratio === undefined) return `${title} ${word}`
  const ends =
    ratio.low === undefined || ratio.high === undefined ? "" : ` (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})`
  return `${title} ${ratio.estimate.toFixed(2)}×${ends}, ${word}`
}

const conclusion = ({ goal, knobs }: TunePlan, { beats, best, defaults }: Outcome): ReadonlyArray<string> => {
  if (best === undefined) return ["No variant can be run: the reasons are above."]
  if (best.misses.length > 0)
    return [
      `The goal can't be met: ${best.misses.map(missText).join(", ")}. The nearest is ${variantName(knobs, best.variant)}.`,
    ]
  const met = boundsOf(goal).length === 0 ? "" : "The goal is met. "
  if (defaults === undefined) return [`${met}The defaults can't be run here.`]
  return [
    `${met}${beats ? "It is better than the defaults." : "It does not beat the defaults: nothing that was tried is better beyond doubt."}`,
  ]
}

const missText = ({ figure: name, goal, value }: Miss): string =>
  value === undefined
    ? `${FIGURES[name].title} is missing`
    : `${FIGURES[name].title} is ${valueText(name, value)}, of ${FIGURES[name].better === "higher" ? "at least" : "at most"} ${valueText(name, goal)}`

/** Reasons against the tries, but for their few trials: that is what halving is about. */
const suspicions = (tries: ReadonlyArray<RunRecord>): ReadonlyArray<string> => {
  const codes = tries.flatMap(({ verdict }) =>
    [...new Set(verdict.reasons.filter(({ level }) => level === "suspect").map(({ code }) => code))].filter(
      (code) => code !== "too-few-trials",
    ),
  )
  const counts = [...Map.groupBy(codes, (code) => code)].map(([code, { length }]) => `${code} (${length})`)
  return counts.length === 0 ? [] : [`Of ${count(tries.length, "record")} some are suspect: ${counts.join(", ")}.`]
}
