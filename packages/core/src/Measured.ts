import { Schema } from "effect"

/** A figure that was measured, or the reason why there is none. Missing is never zero. */
export const Measured = Schema.Union([
  Schema.Struct({ value: Schema.Finite }),
  Schema.Struct({ absent: Schema.NonEmptyString }),
]).annotate({ identifier: "Measured" })
export type Measured = typeof Measured.Type

export const measured = (value: number): Measured => ({ value })

export const absent = (reason: string): Measured => ({ absent: reason })

/** A rate: `work` over a time, which a coarse clock may give as nothing. */
export const over = (work: number, time: number): Measured =>
  time > 0 ? measured(work / time) : absent("it took no measurable time")
