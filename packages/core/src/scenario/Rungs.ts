import { type Ramp, rampRungs } from "./Ramp.ts"

/** One number, a list of them, or a ramp: what a config may have where a ladder raises a number. */
type Numbers = number | ReadonlyArray<number> | Ramp

/** The numbers of a ladder, lowest rung of a ramp first. */
export const rungNumbers = (requested: Numbers, whole: boolean): ReadonlyArray<number> =>
  typeof requested === "number" ? [requested] : "from" in requested ? rampRungs(requested, whole) : requested

/** The ramp, where it is one. */
export const rampIn = (requested: Numbers): Ramp | undefined =>
  typeof requested === "object" && "from" in requested ? requested : undefined
