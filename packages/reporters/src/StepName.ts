import { type RunRecord, weightsName } from "@rigbook/core"
import { known, MISSING, significant } from "./format.ts"
import { placementName, runtimeName } from "./names.ts"
import type { Tradeoff } from "./Tradeoffs.ts"
import { grouped } from "./Uncertain.ts"

/** What a row differs in. Not escaped. */
export const stepName = ({ by, sizeOf, unit }: Tradeoff, record: RunRecord, base: RunRecord): string => {
  const { backend, model } = record.cell
  if (sizeOf !== undefined) return sizeName(sizeOf(record), unit)
  if (by === "engine") {
    const placement = placementName(record) === placementName(base) ? "" : ` on ${placementName(record)}`
    return `${backend} (${runtimeName(record)})${placement}, ${weightsName(model)}`
  }
  return `${weightsName(model)}, ${known((model.unpackedFrom ?? model).bitsPerWeight, (bits) => significant(bits, 3))} bits per weight`
}

/** `1,024 tokens`, `1 stream`. */
export const sizeName = (size: number | undefined, unit = ""): string => {
  const noun = size === 1 && !unit.includes("/") ? unit.replace(/s$/, "") : unit
  return `${size === undefined ? MISSING : Number.isInteger(size) ? grouped(size) : String(size)} ${noun}`.trim()
}
