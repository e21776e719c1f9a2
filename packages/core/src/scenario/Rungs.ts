import { type Ramp, rampRungs } from "./Ramp.ts"

/** One number, a list of them, or a ramp: what a config may have where a ladder raises a number. */
type Numbers = number | ReadonlyArray<number> | Ramp

/** The numbers of a ladder, lowest rung of a ramp first. */
export const rungNumbers = (asked: Numbers, whole: boolean): ReadonlyArray<number> =>
  typeof asked === "number" ? [asked] : "from" in asked ? rampRungs(asked, whole) : asked

/** The ramp, where it is one. */
export const rampIn = (asked: Numbers): Ramp | undefined =>
  typeof asked === "object" && "from" in asked ? asked : undefined
