import type { Protocol, Sample } from "@rigbook/core"
import { withRole } from "../metrics/Roles.ts"
import { median } from "../statistics/Quantile.ts"
import { summarize } from "../statistics/Summary.ts"

/** The headline figures, which say how fast a model is and must repeat. */
const FIGURES = withRole("headline")
export const HEADLINES: ReadonlySet<string> = new Set(FIGURES.map(({ id }) => id))

/** A headline figure by trial. */
export interface Series {
  readonly title: string
  readonly values: ReadonlyArray<number>
}

/** The headline figures that these trials have, of one phase. */
export const headlineSeries = (samples: ReadonlyArray<Sample>, phase: Sample["phase"]): ReadonlyArray<Series> =>
  FIGURES.map(({ measure, title }) => ({
    title,
    values: samples
      .filter((sample) => sample.phase === phase)
      .map((sample) => measure(sample))
      .flatMap((figure) => ("value" in figure && Number.isFinite(figure.value) ? [figure.value] : [])),
  })).filter(({ values }) => values.length > 0)

/** A figure that is not precise enough yet: `share` of its median is compared with `within`. */
export interface Unsettled {
  readonly title: string
  readonly share: number
}

/**
 * Half the widths of the medians' 95 % intervals (order statistics) that are above `within` of the median. Checking
 * after each trial makes the interval that is stopped at a little too narrow, most where few trials are made; the
 * check of the statistics simulates by how much. Source: Y. S. Chow and H. Robbins, Ann. Math. Stat. 36 (1965) 457.
 */
export const wideIntervals = (series: ReadonlyArray<Series>, within: number): ReadonlyArray<Unsettled> =>
  series.flatMap(({ title, values }) => {
    const summary = summarize(values)
    const { high = Infinity, low = -Infinity } = summary ?? {}
    const share = (high - low) / 2 / Math.abs(summary?.median ?? Number.NaN)
    return share <= within || high === low ? [] : [{ title, share }]
  })

/** How many of the last values have to agree: criterion's and MLPerf's warm-ups go by time, which says less. */
const LAST = 3

/** The figures whose last three warm-up values are not all within `within` of their median. */
export const restless = (series: ReadonlyArray<Series>, within: number): ReadonlyArray<Unsettled> =>
  series.flatMap(({ title, values }) => {
    const last = values.slice(-LAST)
    const centre = median(last)
    const share = last.length < LAST ? Infinity : Math.max(...last.map((value) => Math.abs(value / centre - 1)))
    return share <= within ? [] : [{ title, share }]
  })

/** Whether this many measured trials are enough for the protocol. Pure: a resumed run decides the same. */
export const measuredEnough = ({ trials }: Pick<Protocol, "trials">, samples: ReadonlyArray<Sample>): boolean => {
  const made = samples.filter(({ phase }) => phase === "measured").length
  if (typeof trials === "number") return made >= trials
  if (made < trials.min) return false
  return made >= trials.max || wideIntervals(headlineSeries(samples, "measured"), trials.within).length === 0
}

/** The same of the warm-ups of one opening of the engine. */
export const warmEnough = ({ warmup }: Pick<Protocol, "warmup">, samples: ReadonlyArray<Sample>): boolean => {
  const made = samples.filter(({ phase }) => phase === "warmup").length
  if (typeof warmup === "number") return made >= warmup
  if (made < Math.max(LAST, warmup.min ?? LAST)) return false
  return made >= warmup.max || restless(headlineSeries(samples, "warmup"), warmup.within).length === 0
}
