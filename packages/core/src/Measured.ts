import { Schema } from "effect"

/** A figure that was measured, `value` in the unit of what it is for, or the reason why there is none. Missing is never zero. */
export const Measured = Schema.Union([
  Schema.Struct({ value: Schema.Finite }),
  Schema.Struct({ absent: Schema.NonEmptyString }),
]).annotate({ identifier: "Measured" })
export type Measured = typeof Measured.Type

/** A figure that was measured, in the unit of its metric. */
export const measured = (value: number): Measured => ({ value })

/** There is no figure, and this is why: a few words without a full stop. */
export const absent = (reason: string): Measured => ({ absent: reason })

/** A rate: `work` over `time`, in the unit of the one per unit of the other; absent where a coarse clock saw no time. */
export const over = (work: number, time: number): Measured =>
  time > 0 ? measured(work / time) : absent("it took no measurable time")
