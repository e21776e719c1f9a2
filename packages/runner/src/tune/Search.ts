import { type Gain, gainOf } from "./Gain.ts"
import { type FigureName, FIGURES, type Figures, type Goal, type Miss, missesOf, shortfallOf, valueOf } from "./Goal.ts"
import { type Knob, lossKey, startOf, type Variant, variantKey } from "./Variant.ts"
import { type TryRequest, type TryReply, Tries } from "./Tries.ts"

/** What is searched, and for what: data, so that the same search can be resumed. */
export interface TunePlan {
  /** In the order in which they are tried. */
  readonly knobs: ReadonlyArray<Knob>
  readonly goal: Goal
  /** Of variants that meet the goal, the one that is best in this is best. */
  readonly prefer: FigureName
  /** Trials that each rung adds, to those variants that are left. */
  readonly rungs: ReadonlyArray<number>
  /** Trials of the last comparison, measured in turns of `turns` rounds. */
  readonly last: { readonly trials: number; readonly turns: number }
}

/** A variant that was not taken, and why. */
export interface Dropped {
  readonly variant: Variant
  readonly why: string
}

/** What trying one knob came to. */
export interface Step {
  readonly knob: string
  readonly from: Variant
  readonly to: Variant
  /** What the best value of the knob brings, in the figure that decides; left out where nothing was to compare. */
  readonly gain?: Gain
  readonly dropped: ReadonlyArray<Dropped>
}

/** A variant with its figures. */
export interface Tried {
  readonly variant: Variant
  readonly figures: Figures
}

/** The end of a search. */
export interface Outcome {
  readonly steps: ReadonlyArray<Step>
  /** Left out where not one variant could be run. */
  readonly best?: Tried & { readonly misses: ReadonlyArray<Miss> }
  readonly runnerUp?: Tried
  /** What the steps had led to, where the last comparison found another one better, and by what. */
  readonly overtaken?: { readonly variant: Variant; readonly gain: Gain }
  /** Left out where the defaults can't be run. */
  readonly defaults?: Tried
  /** The best against the defaults, measured in turns, by figure; empty where the best are the defaults. */
  readonly gains: ReadonlyArray<Gain>
  /** The best against the runner-up, likewise. */
  readonly lead: ReadonlyArray<Gain>
  /** Whether the best is better than the defaults, in the figure that decides. */
  readonly beats: boolean
}

/**
 * Searches knob by knob: the values of one, with the others as the best so far has them, by successive halving. Each rung
 * adds trials to the better half, all measured in turns with the best so far, which is replaced only by what is better
 * beyond doubt. Then best, runner-up and defaults are measured in turns once more: what is better beyond doubt there is the
 * best. It yields what is to be measured and is given the results: it is pure, so that the same results lead to the same
 * end. Source of successive halving: Jamieson and Talwalkar, Non-stochastic Best Arm Identification (2016).
 */
export function* search(plan: TunePlan): Generator<TryRequest, Outcome, TryReply> {
  const start = startOf(plan.knobs)
  const tries = new Tries(plan.knobs)
  const steps: Array<Step> = []
  let current = start
  if (needsLoss(plan)) tries.takeLoss(yield { kind: "loss", variants: [start] }, [start])
  for (const knob of plan.knobs) {
    const step = yield* tryKnob(plan, tries, knob, current)
    steps.push(step)
    current = step.to
  }
  return yield* lastComparison(plan, tries, steps, start, current)
}

function* tryKnob(plan: TunePlan, tries: Tries, knob: Knob, current: Variant): Generator<TryRequest, Step, TryReply> {
  const others = knob.values.flatMap((value) =>
    value === current[knob.name] ? [] : [{ ...current, [knob.name]: value }],
  )
  const dropped: Array<Dropped> = []
  const withinBudget = yield* keepBudget(plan, tries, knob, others, dropped)
  let pool = [current, ...withinBudget]
  if (pool.length === 1) return { knob: knob.name, from: current, to: current, dropped }
  for (const [rung, trials] of plan.rungs.entries()) {
    tries.take(yield { kind: "trials", stage: knob.name, rung, trials, turns: 1, variants: pool }, knob.name, pool)
    const failed = pool.flatMap((variant) => {
      const why = tries.refused(variant)
      return why === undefined ? [] : [{ variant, why }]
    })
    dropped.push(...failed)
    pool = pool.filter((variant) => tries.refused(variant) === undefined)
    if (pool.length < 2 || rung === plan.rungs.length - 1) break
    const ranked = rank(plan, tries, knob.name, pool)
    const kept = ranked.slice(0, Math.max(2, Math.ceil(pool.length / 2)))
    for (const variant of ranked.slice(kept.length))
      if (variant !== current) dropped.push({ variant, why: `behind after ${count(tries, knob.name, variant)} trials` })
    pool = pool.filter((variant) => variant === current || kept.includes(variant))
    if (pool.length < 2) break
  }
  const [best] = rank(plan, tries, knob.name, pool)
  if (best === undefined) return { knob: knob.name, from: current, to: current, dropped }
  if (!pool.includes(current)) return { knob: knob.name, from: current, to: best, dropped }
  const [rival] = best === current ? rank(plan, tries, knob.name, pool).slice(1) : [best]
  if (rival === undefined) return { knob: knob.name, from: current, to: current, dropped }
  const [before, after] = [current, rival].map((variant) => tries.figures(variant, knob.name)) as [Figures, Figures]
  const gain = gainOf(before, after, deciding(plan, before, after), others.length)
  const to = rival === best && gain?.word === "better" ? best : current
  return { knob: knob.name, from: current, to, ...(gain === undefined ? {} : { gain }), dropped }
}

const needsLoss = ({ goal, prefer }: TunePlan): boolean => goal.kld !== undefined || prefer === "kld"

/** The variants whose loss is within the budget, where there is one; the loss of each is measured if the knob changes it. */
function* keepBudget(
  plan: TunePlan,
  tries: Tries,
  { lossy }: Knob,
  others: ReadonlyArray<Variant>,
  dropped: Array<Dropped>,
): Generator<TryRequest, ReadonlyArray<Variant>, TryReply> {
  const budget = plan.goal.kld
  if (!lossy || !needsLoss(plan)) return others
  const wanted = others.filter((variant) => tries.loss(variant) === undefined)
  const once = [...new Map(wanted.map((variant) => [lossKey(plan.knobs, variant), variant])).values()]
  if (once.length > 0) tries.takeLoss(yield { kind: "loss", variants: once }, once)
  return others.filter((variant) => {
    const loss = tries.loss(variant)
    const why =
      loss === undefined || "absent" in loss
        ? (loss?.absent ?? "its loss was not measured")
        : budget !== undefined && loss.value.high > budget
          ? `KL divergence ${loss.value.value.toPrecision(3)} (up to ${loss.value.high.toPrecision(3)}) nats, of at most ${budget}`
          : undefined
    if (why !== undefined) dropped.push({ variant, why })
    return why === undefined
  })
}

function* lastComparison(
  plan: TunePlan,
  tries: Tries,
  steps: ReadonlyArray<Step>,
  start: Variant,
  best: Variant,
): Generator<TryRequest, Outcome, TryReply> {
  const ranked = tries.all().filter((variant) => variantKey(variant) !== variantKey(best))
  const [runnerUp] = rank(plan, tries, undefined, ranked)
  const pool = unique([start, best, ...(runnerUp === undefined ? [] : [runnerUp])]).filter(
    (variant) => tries.refused(variant) === undefined,
  )
  const { trials, turns } = plan.last
  if (pool.length > 0)
    tries.take(yield { kind: "trials", stage: LAST, rung: 0, trials, turns, variants: pool }, LAST, pool)
  const triedOf = (variant: Variant): Tried | undefined =>
    tries.refused(variant) === undefined && count(tries, LAST, variant) > 0
      ? { variant, figures: tries.figures(variant, LAST) }
      : undefined
  // One that fails at last gives way to the best of the others, which were measured beside it, as does one that is worse.
  const [leader] = rank(plan, tries, LAST, pool)
  const found = triedOf(best)
  const overtaken = found && leader && overtakes(plan, found, triedOf(leader), pool.length - 1)
  const chosen = found === undefined || overtaken !== undefined ? leader : best
  const first = chosen && triedOf(chosen)
  if (chosen === undefined || first === undefined) return { steps, gains: [], lead: [], beats: false }
  const other = [best, runnerUp, start].find(
    (variant) => variant !== undefined && variantKey(variant) !== variantKey(chosen),
  )
  const [second, defaults] = [other && triedOf(other), triedOf(start)]
  const isDefault = variantKey(chosen) === variantKey(start)
  const gains = isDefault || defaults === undefined ? [] : gainsOf(defaults.figures, first.figures)
  const decides = defaults === undefined ? plan.prefer : deciding(plan, defaults.figures, first.figures)
  return {
    steps,
    best: { ...first, misses: missesOf(plan.goal, first.figures) },
    ...(second === undefined ? {} : { runnerUp: second }),
    ...(overtaken === undefined ? {} : { overtaken }),
    ...(defaults === undefined ? {} : { defaults }),
    gains,
    lead: second === undefined ? [] : gainsOf(second.figures, first.figures),
    beats: defaults === undefined || gains.some(({ figure, word }) => figure === decides && word === "better"),
  }
}

/** What the steps had led to, and by what `leader` is better, if it is so beyond doubt: both were measured in turns. */
const overtakes = (plan: TunePlan, best: Tried, leader: Tried | undefined, tests: number): Outcome["overtaken"] => {
  if (leader === undefined || variantKey(leader.variant) === variantKey(best.variant)) return undefined
  const gain = gainOf(best.figures, leader.figures, deciding(plan, best.figures, leader.figures), tests)
  return gain?.word === "better" ? { variant: best.variant, gain } : undefined
}

/** The stage in which the last variants are compared. */
const LAST = "last"

const gainsOf = (a: Figures, b: Figures): ReadonlyArray<Gain> =>
  (Object.keys(FIGURES) as ReadonlyArray<FigureName>).flatMap((figure) => gainOf(a, b, figure) ?? [])

/** Of what the first of two misses, what the second comes nearest in, if it is nearer to the goal; else what is preferred. */
const deciding = ({ goal, prefer }: TunePlan, a: Figures, b: Figures): FigureName => {
  if (shortfallOf(goal, b) >= shortfallOf(goal, a)) return prefer
  const gap = (figures: Figures, { figure, goal: bound }: Miss) => shortfallOf({ [figure]: bound }, figures)
  const nearer = missesOf(goal, a).map((miss) => ({ figure: miss.figure, by: gap(a, miss) - gap(b, miss) }))
  return nearer.filter(({ by }) => by > 0).toSorted((x, y) => y.by - x.by)[0]?.figure ?? prefer
}

/** The nearest to the goal first, of equal ones the best in what is preferred. */
const rank = (
  { goal, prefer }: TunePlan,
  tries: Tries,
  stage: string | undefined,
  variants: ReadonlyArray<Variant>,
): ReadonlyArray<Variant> => {
  const sign = FIGURES[prefer].better === "higher" ? -1 : 1
  return variants
    .filter((variant) => tries.refused(variant) === undefined)
    .map((variant) => {
      const figures = tries.figures(variant, stage)
      return { variant, short: shortfallOf(goal, figures), value: valueOf(figures, prefer) }
    })
    .toSorted(
      (a, b) =>
        byNumber(a.short, b.short) ||
        byNumber(sign * (a.value ?? Infinity * sign), sign * (b.value ?? Infinity * sign)),
    )
    .map(({ variant }) => variant)
}

/** Two infinite ones are equal. */
const byNumber = (a: number, b: number): number => (a === b ? 0 : a - b)

const count = (tries: Tries, stage: string, variant: Variant): number =>
  Math.max(0, ...Object.values(tries.figures(variant, stage).trials).map((values) => values?.length ?? 0))

const unique = (variants: ReadonlyArray<Variant>): ReadonlyArray<Variant> => [
  ...new Map(variants.map((variant) => [variantKey(variant), variant])).values(),
]
