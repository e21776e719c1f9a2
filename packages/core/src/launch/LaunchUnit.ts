import { Schema } from "effect"
import { CellOrder } from "../record/CellOrder.ts"
import { canonicalJson } from "../record/Identity.ts"
import { textSha256 } from "../TextHash.ts"

const Count = Schema.Int.check(Schema.isGreaterThan(0))
const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

/** What a unit needs of a host. */
export const Shape = Schema.Struct({
  /** Machines: more than one only for engines that spread a model over several. */
  nodes: Count,
  /** GPUs on each of them. */
  gpus: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  /** Their type, as the host's scheduler calls it; left out where there is one type only. */
  gpu: Schema.optionalKey(Schema.NonEmptyString),
  /** The longest that it may take, in seconds. */
  seconds: Schema.Finite.check(Schema.isGreaterThan(0)),
}).annotate({ identifier: "Shape" })
export type Shape = typeof Shape.Type

/** As file names and names of jobs may be: nothing in it needs quoting. */
const UnitName = Schema.String.check(
  Schema.isPattern(/^rigbook-[0-9a-f]{16}-a[1-9]\d*$/, { message: "Expected a unit's name, as unitName gives it" }),
)

/**
 * What is sent to a host as one: the cells of one load of a model, in their order. What decides on each other stays
 * together, so a ramp, or cells that are measured in turns, are one unit. Plain data, and the input of `rigbook worker`.
 */
export const LaunchUnit = Schema.Struct({
  schema: Schema.Literal(1),
  /** `unitName` of the unit: the same unit always has the same name, another one never. */
  name: UnitName,
  shape: Shape,
  /** How many times all its cells are measured in turns: see `rigbook run --rounds`. */
  rounds: Count,
  /**
   * Of a unit that is tried again: when it first began there, in ISO 8601 by that machine's clock. What began since is
   * reused and resumed, though it is `fresh`.
   */
  since: Schema.optionalKey(Schema.NonEmptyString),
  cells: Schema.NonEmptyArray(
    Schema.Struct({
      order: CellOrder,
      /** The ramp whose rung it is: it is run only if none of the rungs below has ended that. */
      ramp: Schema.optionalKey(
        Schema.Struct({
          gain: Share,
          good: Share,
          /** Identities of the rungs below as ordered, the lowest first: cells of this unit. */
          below: Schema.Array(Schema.NonEmptyString),
        }),
      ),
    }),
  ),
}).annotate({ identifier: "LaunchUnit" })
export type LaunchUnit = typeof LaunchUnit.Type

/** All that determines a unit's name. */
export interface UnitInput extends Pick<LaunchUnit, "shape" | "rounds" | "cells"> {
  /** When the run began that it belongs to, in ISO 8601: measured again, it is another unit. */
  readonly startedAt: string
  /** From 1. A unit that was lost is submitted again as its next attempt. */
  readonly attempt: number
}

/** A unit with its name: a hash of its cells, of the run's start and the number of the attempt. Pure. */
export const makeUnit = ({ attempt, cells, rounds, shape, startedAt }: UnitInput): LaunchUnit => {
  const orders = cells.map(({ order: { spec, ...order } }) => ({ ...order, cell: spec.identity }))
  const hash = textSha256(canonicalJson({ startedAt, rounds, orders })).slice(0, 16)
  return { schema: 1, name: `rigbook-${hash}-a${attempt}`, shape, rounds, cells }
}

/** The same unit as its next attempt; `since` is when it first began, if it did. Pure. */
export const nextAttempt = (unit: LaunchUnit, since?: string): LaunchUnit => ({
  ...unit,
  ...(unit.since !== undefined || since === undefined ? {} : { since }),
  name: unit.name.replace(/\d+$/, (attempt) => String(Number(attempt) + 1)),
})

/** Which attempt a unit is, from 1. Pure. */
export const attemptOf = ({ name }: Pick<LaunchUnit, "name">): number => Number(/\d+$/.exec(name)?.[0] ?? 1)
