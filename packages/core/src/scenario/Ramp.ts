import { Effect, Schema } from "effect"
import { Amount } from "./Amounts.ts"

const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const orDefault = <A>(value: A) => Effect.succeed(value)
/** Nobody waits for a ladder with more rungs. */
const MOST_RUNGS = 64

/** When a ramp ends before its last rung. */
const ends = {
  /** The least share (0 to 1) by which a rung's throughput has to be above the one before: see `knee`. */
  gain: Share.pipe(Schema.withDecodingDefaultKey(orDefault(0.05))),
  /** Share (0 to 1) of the requests that have to meet the objectives, if the scenario has some (`slo`). */
  good: Share.pipe(Schema.withDecodingDefaultKey(orDefault(0.99))),
}

const shape = <S extends Schema.Codec<number, number>>(rung: S) =>
  Schema.Struct({
    /** The first rung: streams, documents of a forward pass, or requests a second. */
    from: rung,
    /** The highest possible rung: streams, documents of a forward pass, or requests a second. */
    to: rung,
    /** Factor from one rung to the next. */
    times: Schema.Finite.check(Schema.isGreaterThan(1)).pipe(Schema.withDecodingDefaultKey(orDefault(2))),
    ...ends,
  })

const bounded = Schema.makeFilter<Ramp>((ramp) => [
  ...(ramp.to > ramp.from ? [] : [{ path: ["to"], issue: `Expected more than from ${ramp.from}, found ${ramp.to}` }]),
  ...(Math.log(ramp.to / ramp.from) / Math.log(ramp.times) < MOST_RUNGS
    ? []
    : [{ path: ["times"], issue: `Expected at most ${MOST_RUNGS} rungs, found a step of ${ramp.times}` }]),
])

/**
 * A ladder of loads that ends when a higher load no longer pays: rung by rung from `from` to at most `to`, until the
 * throughput no longer grows or the objectives are missed.
 */
export interface Ramp {
  /** The first rung: streams, documents of a forward pass, or requests a second. */
  readonly from: number
  /** The highest possible rung, in the same unit. */
  readonly to: number
  /** Factor from one rung to the next. */
  readonly times: number
  /** The least share (0 to 1) by which a rung's throughput has to be above that of the one before. */
  readonly gain: number
  /** The least share (0 to 1) of the requests that have to meet the objectives. */
  readonly good: number
}
const REAL = Schema.Finite.check(Schema.isGreaterThan(0))

/** For integers: streams, or documents of a batch. */
export const CountRamp = shape(Amount).check(bounded).annotate({ identifier: "CountRamp" })
/** For rates, in requests a second. */
export const RateRamp = shape(REAL).check(bounded).annotate({ identifier: "RateRamp" })

/** The rungs that a ramp may have, lowest first; the last one is `to`. */
export const rampRungs = ({ from, times, to }: Ramp, whole: boolean): readonly [number, ...ReadonlyArray<number>] => {
  const rungs: [number, ...Array<number>] = [from]
  for (let at = from * times; at < to; at *= times) {
    // Rates are short numbers, because names contain them.
    const rung = whole ? Math.round(at) : Number(at.toPrecision(4))
    if (rung > rungs.at(-1)! && rung < to) rungs.push(rung)
  }
  rungs.push(to)
  return rungs
}
