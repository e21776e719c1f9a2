import { Schema } from "effect"

/** One named part of the memory that a model needs, with what the figure rests on. */
export const DemandPart = Schema.Struct({
  name: Schema.NonEmptyString,
  bytes: Schema.Int,
  basis: Schema.Literals(["exact", "formula", "heuristic"]),
  /** How the bytes were arrived at, for people to check. */
  formula: Schema.NonEmptyString,
})
export type DemandPart = typeof DemandPart.Type

/** The memory, in bytes, that a model needs to run a scenario. */
export class Demand extends Schema.Class<Demand>("rigbook/Demand")({ parts: Schema.Array(DemandPart) }) {
  get totalBytes(): number {
    return this.parts.reduce((sum, { bytes }) => sum + bytes, 0)
  }
}
