import { Effect, Schema } from "effect"

const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const orDefault = <A>(value: A) => Effect.succeed(value)
/** A ladder with more rungs is none that anyone waits for. */
const MOST_RUNGS = 64

/** When a ramp ends before its last rung. */
const ends = {
  /** The least share (0 to 1) by which a rung's throughput has to be above the one before: see `knee`. */
  gain: Share.pipe(Schema.withDecodingDefaultKey(orDefault(0.05))),
  /** Share (0 to 1) of the requests that have to meet the objectives, where the scenario has some (`slo`). */
  good: Share.pipe(Schema.withDecodingDefaultKey(orDefault(0.99))),
}

const shape = <S extends Schema.Codec<number, number>>(rung: S) =>
  Schema.Struct({
    /** The first rung: streams, documents of a forward pass, or requests a second. */
    from: rung,
    /** The highest rung that there may be: streams, documents of a forward pass, or requests a second. */
    to: rung,
    /** Each rung is so many times the one before. */
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
 * A ladder of loads that ends where more of it no longer pays: rung by rung from `from` to at most `to`, until the
 * throughput no longer grows or the objectives are missed.
 */
export interface Ramp {
  /** The first rung: streams, documents of a forward pass, or requests a second. */
  readonly from: number
  /** The highest rung that there may be, in the same unit. */
  readonly to: number
  /** Each rung is so many times the one before. */
  readonly times: number
  /** The least share (0 to 1) by which a rung's throughput has to be above that of the one before. */
  readonly gain: number
  /** The least share (0 to 1) of the requests that have to meet the objectives. */
  readonly good: number
}
const INT = Schema.Int.check(Schema.isGreaterThan(0))
const REAL = Schema.Finite.check(Schema.isGreaterThan(0))

/** Of whole numbers: streams, or documents of a batch. */
export const CountRamp = shape(INT).check(bounded).annotate({ identifier: "CountRamp" })
/** Of rates, in requests a second. */
export const RateRamp = shape(REAL).check(bounded).annotate({ identifier: "RateRamp" })

/** The rungs that a ramp may have, lowest first; the last one is `to`. */
export const rampRungs = ({ from, times, to }: Ramp, whole: boolean): readonly [number, ...ReadonlyArray<number>] => {
  const rungs: [number, ...Array<number>] = [from]
  for (let at = from * times; at < to; at *= times) {
    // Rates are short numbers, for they are in names.
    const rung = whole ? Math.round(at) : Number(at.toPrecision(4))
    if (rung > rungs.at(-1)! && rung < to) rungs.push(rung)
  }
  rungs.push(to)
  return rungs
}
