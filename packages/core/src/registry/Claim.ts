import { Effect, Schema } from "effect"
import { CPU } from "../host/Host.ts"
import { placementName } from "../placement/Placement.ts"
import type { RunRecord } from "../run/RunRecord.ts"
import { scenarioName } from "../workload/Scenario.ts"

/** Runs that a claim is about: those whose names have these words in them. */
const about = {
  backend: Schema.optionalKey(Schema.NonEmptyString),
  placement: Schema.optionalKey(Schema.NonEmptyString),
  scenario: Schema.optionalKey(Schema.NonEmptyString),
}

/** What a note states in a form that records can be held against: a figure, or the kind of device that a run was on. */
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

/** What one run says of a claim. */
export interface Witness {
  readonly record: RunRecord
  /** A median in its unit, or the devices that the run was on. */
  readonly found: { readonly value: number; readonly unit: string } | { readonly devices: ReadonlyArray<string> }
  readonly agrees: boolean
}

/**
 * A claim beside the runs that it speaks of. It is `contradicted` when there are such runs and none of them agrees: a
 * claim that names no scenario holds as soon as one run bears it out.
 */
export interface CheckedClaim {
  readonly claim: Claim
  readonly state: "borne out" | "contradicted" | "not measured"
  readonly witnesses: ReadonlyArray<Witness>
}

/** Holds a claim against a model's runs; invalid ones say nothing. Pure. */
export const checkClaim = (claim: Claim, records: ReadonlyArray<RunRecord>): CheckedClaim => {
  const witnesses = records
    .filter((record) => record.verdict.status !== "invalid" && isAbout(claim, record))
    .flatMap((record) => witness(claim, record))
  const state =
    witnesses.length === 0 ? "not measured" : witnesses.some(({ agrees }) => agrees) ? "borne out" : "contradicted"
  return { claim, state, witnesses }
}

const isAbout = ({ backend = "", placement = "", scenario = "" }: Claim, { cell }: RunRecord): boolean =>
  cell.backend.includes(backend) &&
  placementName(cell.placement).includes(placement) &&
  scenarioName(cell.scenario).includes(scenario)

const witness = (claim: Claim, record: RunRecord): ReadonlyArray<Witness> => {
  if ("device" in claim) {
    const { cell, effective } = record
    const told = effective?.devices ?? []
    const devices = told.length > 0 ? told : cell.placement.devices
    const onCpu = devices.every((device) => device === CPU)
    return [{ record, found: { devices }, agrees: onCpu === (claim.device === "cpu") }]
  }
  const value = record.values.find(({ metric }) => metric === claim.metric)
  if (value === undefined || "absent" in value.result) return []
  const { high, low, median } = value.result.summary
  const close = Math.abs(claim.value - median) <= (claim.tolerance / 100) * Math.abs(median)
  const within = low !== undefined && high !== undefined && low <= claim.value && claim.value <= high
  return [{ record, found: { value: median, unit: value.unit }, agrees: close || within }]
}
