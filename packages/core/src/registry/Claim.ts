import { Effect, Schema } from "effect"
import type { RunRecord } from "../record/RunRecord.ts"

/** Runs that a claim is about: those whose names contain these words. */
const about = {
  backend: Schema.optionalKey(Schema.NonEmptyString),
  placement: Schema.optionalKey(Schema.NonEmptyString),
  scenario: Schema.optionalKey(Schema.NonEmptyString),
}

/**
 * What a note states in a form that can be compared with records: a figure, or the kind of device that a run was on.
 */
export const Claim = Schema.Union([
  Schema.Struct({
    /** A metric's id, such as `docs_per_s`. */
    metric: Schema.NonEmptyString,
    /** In the metric's unit. */
    value: Schema.Finite,
    /** By how much a median may differ, in percent of it. */
    tolerance: Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0)).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(10)),
    ),
    ...about,
  }),
  Schema.Struct({ device: Schema.Literals(["cpu", "gpu"]), ...about }),
]).annotate({ identifier: "Claim" })

export type Claim = typeof Claim.Type

/** What one run says about a claim. */
export interface Witness {
  readonly record: RunRecord
  /** A median in its unit, or the devices that the run was on. */
  readonly found: { readonly value: number; readonly unit: string } | { readonly devices: ReadonlyArray<string> }
  readonly agrees: boolean
}

/**
 * A claim beside the runs that it is about. It is `contradicted` if there are such runs and none of them agrees: a
 * claim that names no scenario holds if one run confirms it.
 */
export interface CheckedClaim {
  readonly claim: Claim
  readonly state: "borne out" | "contradicted" | "not measured"
  readonly witnesses: ReadonlyArray<Witness>
}
