import { median } from "@rigbook/records"

/** What `tune` measures of a variant, and what a goal may bound. */
export const FIGURES = {
  /** Tokens/s of one request. */
  decode: { metric: "decode_tps_user", title: "decode", unit: "tokens/s", better: "higher" },
  ttft: { metric: "ttft", title: "TTFT", unit: "ms", better: "lower" },
  /** Tokens/s of all requests together. */
  output: { metric: "output_tps", title: "output", unit: "tokens/s", better: "higher" },
  memory: { metric: "memory_peak", title: "peak memory", unit: "B", better: "lower" },
  /** By the upper end of its interval: a budget of loss is kept only where that is within it. */
  kld: { metric: "kld_mean", title: "KL divergence", unit: "nats", better: "lower" },
} as const satisfies Record<string, { metric: string; title: string; unit: string; better: "lower" | "higher" }>

/** A figure by its name. */
export type FigureName = keyof typeof FIGURES

/** Bounds by figure, in its unit: at least so much of what should be high, at most so much of what should be low. */
export type Goal = Readonly<Partial<Record<FigureName, number>>>

/** The trials of a variant by figure; a loss has its two ends and its middle in `Loss` instead. */
export type Trials = Readonly<Partial<Record<FigureName, ReadonlyArray<number>>>>

/** The KL divergence from the reference, in nats, with the 95 % interval over chunks. */
export interface Loss {
  /** All three in nats. */
  readonly value: number
  /** In nats. */
  readonly low: number
  /** In nats. */
  readonly high: number
}

/** What was measured of a variant. */
export interface Figures {
  readonly trials: Trials
  readonly loss?: Loss
}

/** One figure that misses its bound. Both are in the figure's unit; `value` is left out where it is missing. */
export interface Miss {
  readonly figure: FigureName
  /** In the figure's unit. */
  readonly goal: number
  readonly value?: number
}

/** The figure that is compared with the goal: the median of the trials, of a loss the upper end of its interval. */
export const valueOf = ({ loss, trials }: Figures, figure: FigureName): number | undefined => {
  if (figure === "kld") return loss?.high
  const values = trials[figure]
  return values === undefined || values.length === 0 ? undefined : median(values)
}

/** What misses its bound, the worst first. */
export const missesOf = (goal: Goal, figures: Figures): ReadonlyArray<Miss> =>
  boundsOf(goal)
    .flatMap(([figure, bound]): ReadonlyArray<Miss> => {
      const value = valueOf(figures, figure)
      if (value === undefined) return [{ figure, goal: bound }]
      return isMet(figure, bound, value) ? [] : [{ figure, goal: bound, value }]
    })
    .toSorted((a, b) => distance(b) - distance(a))

/** How far a variant is from the goal: the sum over what it misses of |ln(value / bound)|; 0 meets it. */
export const shortfallOf = (goal: Goal, figures: Figures): number =>
  missesOf(goal, figures).reduce((sum, miss) => sum + distance(miss), 0)

const boundsOf = (goal: Goal): ReadonlyArray<readonly [FigureName, number]> =>
  (Object.keys(FIGURES) as ReadonlyArray<FigureName>).flatMap((figure) => {
    const bound = goal[figure]
    return bound === undefined ? [] : [[figure, bound] as const]
  })

const isMet = (figure: FigureName, bound: number, value: number): boolean =>
  FIGURES[figure].better === "higher" ? value >= bound : value <= bound

const distance = ({ goal, value }: Miss): number =>
  value === undefined || value <= 0 ? Infinity : Math.abs(Math.log(value / goal))
