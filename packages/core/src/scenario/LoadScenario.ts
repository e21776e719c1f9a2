import { Effect, Schema } from "effect"
import { Arrivals } from "./Arrivals.ts"
import { Length } from "./Length.ts"
import { CacheUse, LoadPrompts, WorkspaceFile } from "./Prompts.ts"
import { CountRamp, RateRamp } from "./Ramp.ts"
import { Retry } from "./Retry.ts"
import { Slo } from "./Slo.ts"

const PositiveInt = Schema.Int.check(Schema.isGreaterThan(0))
const Positive = Schema.Finite.check(Schema.isGreaterThan(0))
const orDefault = <A>(value: A) => Effect.succeed(value)
const rungs = <S extends Schema.Constraint>(rung: S) => Schema.Union([rung, Schema.NonEmptyArray(rung)])

const always = {
  /** `fresh`: each prompt begins as no other of the run. */
  cache: CacheUse.pipe(Schema.withDecodingDefaultKey(orDefault("fresh" as const))),
  /** Of all that is drawn: lengths, texts, arrivals. Every trial draws the same lengths and arrivals. */
  seed: Schema.Int.pipe(Schema.withDecodingDefaultKey(orDefault(1))),
  slo: Schema.optionalKey(Slo),
  /** Ask again where the server has too much to do (HTTP 429). Left out, that is a failure like any other. */
  retry: Schema.optionalKey(Retry),
}

const asked = {
  prompts: LoadPrompts,
  /** Tokens that each request has to produce. */
  outputTokens: Length.pipe(Schema.withDecodingDefaultKey(orDefault(128))),
  ...always,
}

/** So many requests at once, the next sent when one has ended: a closed loop. */
const concurrency = {
  kind: Schema.Literal("concurrency"),
  ...asked,
  /** Requests of one trial. Default: four for each stream. */
  requests: Schema.optionalKey(PositiveInt),
}
/** So many streams at once, the next request of each sent when one has ended: a closed loop. */
export const Concurrency = Schema.Struct({ ...concurrency, streams: PositiveInt }).annotate({
  identifier: "Concurrency",
})
export type Concurrency = typeof Concurrency.Type

/** Requests that arrive at a rate, however many are under way: an open loop. Latency counts from when each was due. */
const openLoop = {
  kind: Schema.Literal("open-loop"),
  ...asked,
  arrivals: Arrivals.pipe(Schema.withDecodingDefaultKey(orDefault("poisson" as const))),
  /** Requests of one trial. */
  requests: PositiveInt.pipe(Schema.withDecodingDefaultKey(orDefault(100))),
}
/** `rate` is in requests a second. */
export const OpenLoop = Schema.Struct({ ...openLoop, rate: Positive }).annotate({ identifier: "OpenLoop" })
export type OpenLoop = typeof OpenLoop.Type

/** Requests as a service once got them: its arrivals and lengths, from a file of a public trace format; see `parseTrace`. */
export const Trace = Schema.Struct({
  kind: Schema.Literal("trace"),
  file: WorkspaceFile,
  /** Of one trial: the first so many of the file. */
  requests: PositiveInt.pipe(Schema.withDecodingDefaultKey(orDefault(100))),
  /** How many times as fast as in the trace they arrive: 2 lets them arrive in half the time. */
  speed: Positive.pipe(Schema.withDecodingDefaultKey(orDefault(1))),
  /** Requests of more tokens, in and out together, are left out. */
  longest: Schema.optionalKey(PositiveInt),
  ...always,
}).annotate({ identifier: "Trace" })
export type Trace = typeof Trace.Type

/** A closed loop that goes on: each trial is a window of so many seconds, and drift shows between the trials. */
export const Soak = Schema.Struct({
  kind: Schema.Literal("soak"),
  ...asked,
  streams: PositiveInt,
  seconds: Positive,
}).annotate({ identifier: "Soak" })
export type Soak = typeof Soak.Type

/** One stream with a made-up prompt of about `depth` tokens: what a long context costs. */
const context = {
  kind: Schema.Literal("context"),
  outputTokens: PositiveInt.pipe(Schema.withDecodingDefaultKey(orDefault(32))),
  /** Requests of one trial. */
  requests: PositiveInt.pipe(Schema.withDecodingDefaultKey(orDefault(1))),
  seed: Schema.Int.pipe(Schema.withDecodingDefaultKey(orDefault(1))),
}
/** One stream with a made-up prompt of about `depth` tokens: what a long context costs. */
export const Context = Schema.Struct({ ...context, depth: PositiveInt }).annotate({ identifier: "Context" })
export type Context = typeof Context.Type

/** Scenarios as a config has them: each item of a list, and each rung of a ramp, is a cell of its own. */
export const ConcurrencyLadder = Schema.Struct({
  ...concurrency,
  /** Requests at once: one number, a list of them, or a ramp. */
  streams: Schema.Union([PositiveInt, Schema.NonEmptyArray(PositiveInt), CountRamp]),
})
/** As `OpenLoop`; several rates, in requests a second, are several cells. */
export const OpenLoopLadder = Schema.Struct({
  ...openLoop,
  /** Requests a second: one rate, a list of them, or a ramp. */
  rate: Schema.Union([Positive, Schema.NonEmptyArray(Positive), RateRamp]),
})
/** Without `depth`: powers of two from 512 to 32768, as far as the model's context goes. */
export const ContextLadder = Schema.Struct({ ...context, depth: Schema.optionalKey(rungs(PositiveInt)) })
